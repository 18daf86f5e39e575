const SLAB = 32_768
/** Slabs that wait to be written on again: those of the batches that are under way at once. */
const MOST_SPARE = 384
const spare: Buffer[] = []

/**
 * Room for bytes that are kept until their batch is committed. In Node's own pool they would lie among short-lived texts and keep all of them; and left to
 * the garbage collector they lie about until it comes to the old generation, which at thousands of orders a second is most of what the process holds.
 */
export class Room {
  #slabs: Buffer[] = []
  #slab: Buffer = Buffer.alloc(0)
  #at = 0

  take(size: number): Buffer {
    if (size > SLAB / 4) return Buffer.allocUnsafeSlow(size)
    if (this.#slab.length - this.#at < size) this.#begin()
    const from = this.#at
    this.#at += size
    return this.#slab.subarray(from, this.#at)
  }

  /** What was taken here is written on by others from now on: call it once nobody reads any of it any more. Without it the collector finds it. */
  giveBack(): void {
    for (const slab of this.#slabs) if (spare.length < MOST_SPARE) spare.push(slab)
    this.#slabs = []
    this.#slab = Buffer.alloc(0)
    this.#at = 0
  }

  #begin(): void {
    this.#slab = spare.pop() ?? Buffer.allocUnsafeSlow(SLAB)
    this.#slabs.push(this.#slab)
    this.#at = 0
  }
}
