/** Failures, replays and jobs, stock, effects, listings. */
export const work = {
  failures: {
    list: 'Failures', detail: 'The chosen cause', cause: 'Root cause', trend: '24 h', trendOf: 'Course of {{title}}', moneyDue: 'Money · due', affected: 'Affected orders', atRisk: 'Money at risk', none: 'No open failure', noneHint: 'Every document went the way it should.', choose: 'Choose a cause on the left', hub: 'Hub', regressed: 'came back', withSubject: '{{word}}: {{subject}}', firstSeen: 'first seen',
    status: { open: 'Open', acknowledged: 'Acknowledged', ignored: 'Ignored', resolved: 'Resolved' }, now: { open: 'Open again', acknowledged: 'Acknowledged', ignored: 'Ignored for now', resolved: 'Resolved' }, acknowledge: 'Acknowledge', reopen: 'Reopen', ignore: 'Ignore until…', ignoreDays_one: 'Tomorrow 09:00', ignoreDays_other: 'In {{count}} days, 09:00',
    fix: '1 · Fix', fixSku: '1 · Choose the SKU', fixAccess: 'The channel does not accept our access. Renew it in the settings of the connection; pulling goes on from the same point.', fixEffect: 'Look at the channel’s answer, correct the cause, then send again. A write whose outcome is unknown is read back first.', openEffects: 'Open the writes', noListing: 'The listing is not known yet. Read the channel’s listings, then bind it.', chooseSku: 'Choose a SKU first', bindOnly: 'Save binding only', bindAndReplay: 'Bind and replay', bound_one: 'Bound; {{count}} order waited for it', bound_other: 'Bound; {{count}} orders waited for it',
    dryRun: '2 · Dry run', dryText: 'Runs the present mapping over every document of this cause and shows what would change. Nothing is written.', runDry: 'Dry run', runAgain: 'Run again', samples: 'Affected', replayNote: 'Finished effects are not sent again. Cancelling stops within one batch.',
  },
  replay: {
    title_one: 'Replay {{count}} order', title_other: 'Replay {{count}} orders', text: 'The stored documents run through the present mapping. First a plan, written nowhere; then you decide.', running: 'Replay', apply: 'Replay {{count}}', waitForPlan: 'The plan is still being made', would_create: 'Would create', would_change: 'Would change', unchanged: 'Would leave', still_fail: 'Would still fail',
    field: 'Field', before: 'Before', after: 'After', empty: 'empty', money: 'Money', dryDone: 'Dry run finished, nothing written', dryRunning: 'Dry run: {{done}} of {{total}}',
  },
  job: { planned: 'Planned', running: 'Running', done: 'Finished', failed: 'Failed', cancelled: 'Cancelled', rate: '{{rate}} per s', left: 'about {{span}} left', cancelNote: 'cancel stops within one batch' },
  jobFigure: {
    would_create: 'would create', would_change: 'would change', unchanged: 'unchanged', still_fail: 'still failing', create: 'created', change: 'changed', fail: 'failed', created: 'created', changed: 'changed', failed: 'failed', expired: 'erased', seen: 'seen', appended: 'new', orders: 'orders', refunds: 'refunds', rows: 'rows', held: 'held', ignored: 'ignored', duplicate: 'duplicates',
    duplicates: 'duplicates', applied: 'applied', superseded: 'superseded', bound: 'bound', unbound: 'unbound', listings: 'listings', pages: 'pages', inserted: 'added', updated: 'updated', skipped: 'skipped', refused: 'refused', connections: 'connections', adjustments: 'adjustments', cancellations: 'cancellations', rounding: 'rounding',
  },
  stock: {
    item: 'Item', onHand: 'On hand', reserved: 'Reserved', promisable: 'Promisable', legend: 'Cell: above what it should show, below what the channel says', agrees: 'Agrees', search: 'Code, barcode, title', empty: 'No SKU yet', emptyHint: 'Import the SKU master; listings are bound by code and barcode.', shownRows: '{{shown}} SKUs · {{connections}} connections', walk: 'move', why: 'why this number', whyTitle: 'Why {{value}}',
    view: { all: 'All', drift: 'Drift', oversell: 'Oversell risk', doubt: 'In doubt', refused: 'Refused' }, unbound: 'Not bound', refused: 'Refused', channelShows: 'Shows {{value}}', sending: 'Sending, was {{value}}', wanted: 'Should show', confirmed: 'Confirmed', shown: 'Channel shows', off: 'off by {{value}}', notArmed: 'This connection is read-only; it is told nothing.',
    ledger: 'Movements', reservedDelta: 'reserved {{value}}', count: 'Count', setCount: 'Set count', countSame: 'Type another count first', counted: '{{sku}} is counted at {{value}}',
  },
  cellState: { unbound: 'Not bound', agrees: 'Agrees', drift: 'Drift', oversell: 'Oversell risk', doubt: 'In doubt', refused: 'Refused', sending: 'On its way', blocked: 'Not told', readonly: 'Read-only' },
  stockTerm: { on_hand: 'On hand', reserved: 'Reserved', safety: 'Safety stock', promisable: 'Promisable', stock_share: 'Share of this connection', share: 'Share of this connection', stock_buffer: 'Buffer of this connection', buffer: 'Buffer of this connection', desired: 'Should show', confirmed: 'Confirmed', shown: 'Channel shows' },
  stockCause: { count: 'Count', movement: 'Movement', order: 'Order', cancel: 'Cancelled', shipment: 'Shipment', replay: 'Replay' },
  effects: {
    text: 'Every write to a channel, with its outcome. A write without an answer is settled by reading back, never by sending it again blindly.', state: 'State', kind: 'Write', allKinds: 'All writes', allConnections: 'All connections', subject: 'Subject', answer: 'Answer', tries: 'Tries', when: 'When', attempts_one: '{{count}} try', attempts_other: '{{count}} tries', setTo: 'set to {{value}}', none: 'No write yet', noneHint: 'Writes begin when a connection is armed.',
    readBack: 'Read back', retry: 'Send again', cancel: 'Give up', retryTitle: 'Send again?', retryText: 'The write is sent once more with the same content. Correct the cause first, or the channel will answer the same.', cancelTitle: 'Give up this write?', cancelText: 'It is not sent. The channel keeps what it shows now.', asked: 'Asked; the outcome follows',
  },
  effectKind: { stock: 'Stock level', shipment: 'Shipment', cancel: 'Cancel decision' },
  effectState: { pending: 'Waiting', sending: 'On its way', done: 'Done', refused: 'Refused', unknown: 'In doubt', cancelled: 'Given up' },
  decision: { accept: 'accept', reject: 'reject' },
  listings: {
    tabListings: 'Listings', tabSkus: 'SKU master', listing: 'Listing', barcode: 'Barcode', shown: 'Shown', binding: 'Binding', total: 'Listings', bound: 'Bound', unbound: 'Not bound', search: 'Code, barcode, title', none: 'No listing', noneHint: 'Read the listings of a connection from its channel.', allBound: 'Every listing is bound', openFor: 'Open the listings', chooseConnection: 'Choose a connection first', refresh: 'Read from channel', noCode: 'no code', inactive: 'not on sale',
    skuOf: 'SKU of {{title}}', pickSku: 'Choose a SKU', noSku: 'No such SKU', unbind: 'Unbind', ignore: 'Ignore', unboundNow: 'The binding is removed', boundNow: 'Bound to {{sku}}', suggested: 'Suggested', useSuggestion: 'Use {{sku}}', waitingOrders_one: '{{count}} order waits for a replay', waitingOrders_other: '{{count}} orders wait for a replay', ordersWaiting_one: '{{count}} order waits', ordersWaiting_other: '{{count}} orders wait',
    refusedRows_one: '{{count}} row refused', refusedRows_other: '{{count}} rows refused', importSkus: 'Import SKUs', importHelp: 'CSV or XLSX with the columns sku, title and barcode. Listings with the same code or barcode are bound at once.', noSkus: 'No SKU yet', noSkusHint: 'Import a file, or add one by hand.', skuTitle: 'Title', skuAdded: '{{sku}} is added',
  },
  bound: { unbound: 'Not bound', code: 'By code', barcode: 'By barcode', person: 'By a person', ignored: 'Ignored' },
  suggestionWhy: { code: 'same code', barcode: 'same barcode' },
} as const
