import { setTimeout as sleep } from 'node:timers/promises'
import { CliError, EXIT, type Hub } from './context.ts'
import { progress } from './output.ts'

export interface JobView {
  readonly id: string
  readonly state: 'planned' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly done: number
  readonly total: number | null
  readonly message: string | null
  readonly result: Readonly<Record<string, unknown>>
}

/** Follows a job to its end with progress on stderr. Ctrl-C leaves the job running; the hub finishes it. */
export async function followJob(hub: Hub, id: string, label: string, json: boolean): Promise<JobView> {
  const bar = progress(label, json)
  try {
    for (let wait = 100; ; wait = Math.min(wait * 1.5, 1000)) {
      const job = await hub.get<JobView>(`/v1/jobs/${id}`)
      bar.update(job.done, job.total)
      if (job.state === 'done') return job
      if (job.state === 'failed') throw new CliError(`Job ${id} failed: ${job.message ?? 'no reason given'}.`)
      if (job.state === 'cancelled') throw new CliError(`Job ${id} was cancelled after ${job.done}.`, EXIT.partial)
      await sleep(wait)
    }
  } finally {
    bar.stop()
  }
}
