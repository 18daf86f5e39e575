/**
 * The smallest set of documented amounts that makes up a gap to the last minor unit; empty when there is none. Of two sets of one
 * size the one whose amounts were named first is taken. Nothing is ever filled in: a gap without an explanation stays one.
 */
export function explanation<Name extends string>(gap: number, amounts: Readonly<Record<Name, number>>): ReadonlySet<Name> {
  if (gap === 0) return new Set()
  const names = Object.keys(amounts).filter((name): name is Name => Object.hasOwn(amounts, name) && amounts[name as Name] !== 0)
  const sets = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_name, i) => (bits & (1 << i)) !== 0))
  const sum = (set: readonly Name[]): number => set.reduce((total, name) => total + amounts[name], 0)
  return new Set(sets.sort((a, b) => a.length - b.length).find((set) => sum(set) === gap))
}
