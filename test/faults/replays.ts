import { z } from 'zod'
import { eventually } from './wait.ts'
import type { World } from './world.ts'

const job = z.looseObject({ id: z.string(), state: z.string(), done: z.number(), error: z.unknown().optional() })
const counted = z.looseObject({ result: z.looseObject({ change: z.number(), create: z.number(), unchanged: z.number(), fail: z.number() }) })

export interface Replayed {
  readonly done: number
  readonly seconds: number
  readonly change: number
  readonly create: number
  readonly unchanged: number
  readonly fail: number
}

/** Runs a replay to its end as a person would. @throws when it fails or takes longer than `seconds` */
export async function replay(world: Pick<World, 'hub'>, filter: unknown, seconds = 180): Promise<Replayed> {
  const startedAt = performance.now()
  const { id } = await world.hub.post('/v1/replays', { filter, dry_run: false, rate: 5000 }, job)
  const view = await eventually(
    'the replay is done',
    async () => {
      const now = await world.hub.get(`/v1/jobs/${id}`, job)
      if (now.state === 'failed' || now.state === 'cancelled') throw new Error(`The replay ended as ${now.state}: ${JSON.stringify(now.error)}`)
      return now.state === 'done' ? now : undefined
    },
    seconds,
  )
  const { change, create, unchanged, fail } = counted.parse(view).result
  return { done: view.done, seconds: (performance.now() - startedAt) / 1000, change, create, unchanged, fail }
}
