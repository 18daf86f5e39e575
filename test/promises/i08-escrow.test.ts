import { afterEach, describe, expect, it } from 'vitest'
import type { Slip } from '../support/slips.ts'
import { openArena, UNGUARDED, type Arena } from './escrow-runs.ts'
import type { Kind, Told, World } from './escrow-world.ts'

/** So many in the ordinary run; ESCROW_HISTORIES=12000 for the long one. */
const HISTORIES = Number(process.env['ESCROW_HISTORIES'] ?? 100)
const ALL: readonly Kind[] = ['absolute', 'cas', 'delta']

let arena: Arena | undefined
afterEach(async () => {
  await arena?.close()
  arena = undefined
})

async function play(world: World, count: number, slips: readonly Slip[] = []): Promise<readonly Told[]> {
  arena = await openArena(slips)
  return arena.run(world, count)
}
const oversold = (told: readonly Told[]): number => told.filter((one) => one.oversold).length
const sum = (told: readonly Told[], of: 'steps' | 'orders' | 'cancels' | 'unanswered' | 'crashes' | 'stock' | 'sold'): number =>
  told.reduce((total, one) => total + one[of], 0)

describe('I8 with quotas', () => {
  it.each([
    ['absolute levels alone', ['absolute'], false],
    ['levels beside what is shown', ['cas'], false],
    ['differences alone', ['delta'], false],
    ['all three side by side', ALL, false],
    ['pieces, parts of them, cartons and halves', ALL, true],
  ] as const)('sells no unit twice, whatever is late, lost, doubled or in doubt: %s', async (name, kinds, mixed) => {
    const told = await play({ kinds, mixed }, HISTORIES)
    const parts = ['steps', 'orders', 'cancels', 'unanswered', 'crashes', 'stock', 'sold'] as const
    console.log(`  ${name}: ${told.length} histories, ${parts.map((part) => `${sum(told, part)} ${part}`).join(', ')}`)
    expect(oversold(told)).toBe(0)
    expect(await arena?.books()).toEqual({ negative: 0 })
    expect(Math.min(...told.map((one) => one.steps))).toBeGreaterThanOrEqual(30)
    expect(Math.min(...told.map((one) => one.crashes))).toBe(1)
    expect(sum(told, 'unanswered')).toBeGreaterThan(told.length / 4)
    expect(sum(told, 'sold')).toBeGreaterThan(sum(told, 'stock') * 0.4)
  })
})

it('needs no news of cancels in time: until they are heard of, their units count as reserved', async () => {
  expect(oversold(await play({ kinds: ALL, slowCancels: true }, HISTORIES))).toBe(0)
})

/** Histories looked at together where one that oversells is enough. */
const PORTION = 50

/** Whether any of so many histories oversells; those behind the first portion that does are not asked. */
async function oversells(world: World, most: number, slips: readonly Slip[]): Promise<boolean> {
  arena = await openArena(slips)
  for (let from = 0; from < most; from += PORTION) if (oversold(await arena.run(world, Math.min(PORTION, most - from), from)) > 0) return true
  return false
}

/** `histories`: how many it takes at most to meet it. */
const SLIPS: Readonly<Record<string, Slip & { readonly kinds: readonly Kind[]; readonly mixed?: true; readonly histories?: number }>> = {
  'a raise takes only the difference from free': {
    find: `when 'absolute' then p_value`,
    put: `when 'absolute' then greatest(0, p_value - v_e.units)`,
    kinds: ALL,
  },
  'the reckoning does not wait for the watermark': {
    find: 'returning at into v_at;',
    put: `returning 'infinity'::timestamptz into v_at;`,
    kinds: ALL,
  },
  'a write in doubt has no fence': {
    find: `fence = case when p_answer = 'unknown' then p_now + p_skew + p_tmax end`,
    put: 'fence = null',
    kinds: ['absolute'],
    histories: 500,
  },
  'a write in doubt counts as refused': {
    find: `when p_answer = 'refused' then v_e.need`,
    put: `when p_answer <> 'applied' then v_e.need`,
    kinds: ALL,
  },
  'free stock is not looked at': { find: `if v_need > 0 and stock_free(v_e.sku) < v_need then return 'short'; end if;`, put: '', kinds: ALL },
  'what cancels gave back after the anchor is forgotten': {
    find: `and l.cancelled_at > e.anchor_from), 0) else 0 end)`,
    put: `and false), 0) else 0 end)`,
    kinds: ALL,
    histories: 600,
  },
  'cartons take nothing of the pieces in them': {
    find: `+ coalesce((select sum(e.units * b.quantity) from bundle_parts b join escrows e on e.sku = b.bundle where b.sku = p_sku), 0)`,
    put: '',
    kinds: ALL,
    mixed: true,
  },
}

describe('the histories see', () => {
  it.each(Object.entries(SLIPS))('%s', async (_name, slip) => {
    expect(await oversells({ kinds: slip.kinds, mixed: slip.mixed === true }, slip.histories ?? 150, [slip, UNGUARDED])).toBe(true)
  })
  it('orders later than the channel declares, and cancels that give units back unsaid', async () => {
    expect(await oversells({ kinds: ALL, blind: true }, 150, [UNGUARDED])).toBe(true)
    await arena?.close()
    expect(await oversells({ kinds: ALL, late: 0.2 }, 250, [UNGUARDED])).toBe(true)
  })
  it('a write sent twice by something in between', async () => {
    expect(await oversells({ kinds: ALL, twice: true }, 150, [UNGUARDED])).toBe(true)
  })
})
