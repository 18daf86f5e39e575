import { readFile } from 'node:fs/promises'

/** The value below which `share` of all lie; 0 without any. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Memory a process holds now, MB. @throws when it is gone */
export async function rssMb(pid: number): Promise<number> {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kb ?? Number.NaN) / 1024)
}

/** A shop that is alive, without the troubles a demo has: this many events a minute. */
export const lively = (perMinute: number): unknown => ({
  perMinute,
  mix: { place: 60, edit: 10, cancel: 5, refund: 6, ship: 6, restock: 13, requestCancel: 0, fault: 0 },
})
