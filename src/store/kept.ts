const ROOM = 16_384
let room = Buffer.alloc(0)

/** Room for bytes that are kept until their batch is written. In Node's own pool they would lie among short-lived texts and keep all of them. */
export function kept(size: number): Buffer {
  if (size > ROOM / 4) return Buffer.allocUnsafeSlow(size)
  if (room.length < size) room = Buffer.allocUnsafeSlow(ROOM)
  const part = room.subarray(0, size)
  room = room.subarray(size)
  return part
}
