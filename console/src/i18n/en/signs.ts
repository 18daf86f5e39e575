/** What the data of a connection says. */
export const signs = {
  signs: {
    title: 'Signs from the data',
    silent: 'Suspiciously quiet',
    usual: 'As busy as usual',
    noHabit: 'Too little history to know what is usual.',
    expected: '{{count}} orders usually come in the {{span}} since the last one, at this hour of the week.',
    nothingWaits: 'Nothing waits',
    waits: '{{count}} waiting',
    parts: '{{documents}} documents, {{fetches}} orders to read, {{writes}} writes',
    drains: 'done in about {{span}} at {{rate}} a minute',
    stands: 'nothing moved for ten minutes',
  },
} as const
