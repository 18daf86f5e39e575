/** Where a value comes from. */
export const explain = {
  explain: {
    looking: 'Trying out what decides this value…',
    own: 'The hub made this value itself (bindings, stock, shipments): the document does not decide it.',
    failed: 'Where this value comes from could not be found out just now.',
    absent: 'not in the document',
    tried: 'with {{put}} it would be {{gave}}',
    more: 'and {{count}} more places',
    rounded: 'rounded to {{places}} places',
    offset: 'zone offset {{hours}} h',
    incomplete: 'The document is too large to try everything: there may be more places.',
    insufficient: 'Something else in the document plays a part, too.',
    otherMapping: 'Stored by {{then}}; explained by {{now}}, which is in force.',
    before: 'Before:',
    version: 'version {{version}}',
    by: '{{mapping}}, version {{version}} of the order',
  },
  explainStep: {
    constant: 'The same for every such document.',
    copy: 'Taken over as it is.',
    time: 'A time, written in UTC.',
    formula: 'Calculated:',
    table: 'Decided by these words:',
    computed: 'Calculated by the mapping from these values alone:',
  },
} as const
