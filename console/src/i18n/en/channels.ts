/** Connections: health, set-up, arming, reading the past. */
export const channels = {
  connections: {
    connection: 'Connection', health: 'Health', lag: 'Lag', perHour: 'Orders / hour (24 h)', perHourOf: 'Orders per hour, {{name}}', quota: 'Quota used', credentials: 'Credentials', outbound: 'Outbound', actions: 'Actions',
    add: 'New connection', empty: 'No connection yet', emptyHint: 'Connect a channel: orders are read at once, nothing is written until you arm it.',
    lasting: 'Do not expire', expired: 'Expired {{span}} ago', preview: 'Preview {{total}} listings', armedStock: 'Stock armed', armedShipments: 'Shipments armed', waitingWrites: '{{waiting}} waiting', unknownWrites: '{{unknown}} unknown',
    pendingWrites: 'To send', confirmedHour: 'Confirmed, last hour', pull: 'Pull now', pulling: 'Pulling from {{name}}', pause: 'Pause', resume: 'Resume', reauthorise: 'Re-authorise', fixSettings: 'Fix settings', backfillMore: 'Read the past…',
    pauseTitle: 'Pause {{name}}?', pauseText: 'Pulling and outbound writes of this connection stop. Webhooks are still accepted and kept. After resuming, pulling goes on from where it was, so no order is lost.',
    tabStatus: 'Status', tabOutbound: 'Outbound', tabBackfill: 'Read the past', tabSettings: 'Settings', streams: 'Streams', stream: 'Stream', state: 'State', watermark: 'Read up to', lastSuccess: 'Last success', lastRecord: 'Last new record', lastOrder: 'Newest order', checkedAt: 'Checked', createdAt: 'Created',
    unknownChannel: 'The channel {{channel}} is not part of this hub', saved: 'Settings saved', remove: 'Remove connection', removeTitle: 'Remove this connection', removeText: 'Pulling and writing end and the stored credentials are deleted. Orders and raw documents stay.', removeAsk: 'Remove {{name}}?', removed: '{{name}} is removed',
  },
  healthTitle: {
    ok: 'Healthy', late: 'Late', attention: 'Needs attention', failed: 'Failed', paused: 'Paused', waiting: 'Waiting', 'needs-auth': 'Auth expired', misconfigured: 'Settings refused', 'pull-failing': 'Pulling fails', 'first-pull': 'First pull pending', behind: 'Late',
    'webhook-unhealthy': 'Webhook not arriving', 'effects-unknown': 'Outcome unknown', 'failures-open': 'Needs attention', 'token-expiring': 'Auth expires soon', quiet: 'Suspiciously quiet',
  },
  health: {
    ok: 'Pulling on schedule; nothing is waiting.', paused: 'Paused: {{reason}}. Pulling goes on from the same point after resuming.', 'needs-auth': 'Pulling has stopped: {{reason}}. After re-authorising it goes on from the same point; no order is lost.',
    misconfigured: 'Pulling has stopped: {{reason}}. Fix the settings; it goes on from the same point.', 'pull-failing': '{{stream}}: the channel fails again and again ({{code}}). Pulling is retried, and nothing that was not read is skipped.',
    'first-pull': 'Set up; the first pull starts shortly.', behind: '{{stream}}: last read {{seconds}} ago. It catches up by itself; no order is lost.', 'webhook-unhealthy': 'Webhooks do not arrive: {{detail}}. Polling covers for them, a little later.',
    'effects-unknown_one': '{{count}} write had no answer. It is read back before anything is sent again.', 'effects-unknown_other': '{{count}} writes had no answer. They are read back before anything is sent again.', 'failures-open_one': '{{count}} root cause is open. Pulling is not affected.', 'failures-open_other': '{{count}} root causes are open. Pulling is not affected.', 'token-expiring': 'The authorisation expires at {{at}}. Renew it before then.', quiet: 'Fewer orders than usual at this hour; the channel answers normally.',
  },
  fault: {
    transient: 'No answer for now', throttled: 'Rate limited', unauthorized: 'Not authorised', misconfigured: 'Settings refused', refused: 'Refused', missing: 'Unknown to the channel', 'in-doubt': 'In doubt', unreadable: 'Answer not readable', invalid: 'Does not add up', held: 'Held',
  },
  capability: { pullOrders: 'Orders', verifyWebhook: 'Webhook', pullListings: 'Listings', pushInventory: 'Stock', pushShipment: 'Shipments' },
  stream: { orders: 'Orders', refunds: 'Refunds', open: 'Open orders', 'open-orders': 'Open orders', finished: 'Finished orders', trash: 'Deleted orders', changed: 'Changed orders', webhooks: 'Webhooks', listings: 'Listings', files: 'Files' },
  wizard: {
    title: 'New connection', channels: 'Channels', pick: '1 · Pick a channel', searchChannel: 'Search channels', basics: '2 · Name and place', name: 'Name', timezone: 'Time zone', currency: 'Currency', start: 'Orders since',
    startHelp: 'Older orders can be read later. Left empty, the channel’s default applies.', access: '3 · Access', secretsNote: 'Stored encrypted, never shown again; only the last characters stay visible.', check: '4 · Check', runCheck: 'Check now', checkAgain: 'Check again',
    checkText: 'Asks the channel with these settings and shows what it would deliver. Nothing is stored.', checkFirst: 'Check the settings first', save: 'Save and start pulling', saveText: 'The connection only reads. Writing starts when you arm it.', sample: '{{count}} real orders, as they would be stored', created: '{{name}} is connected',
  },
  arm: {
    preview: 'What would be told', listing: 'Listing', shownNow: 'Shown now', wouldSet: 'Would set', change: 'Change', stock: 'Stock', shipments: 'Shipments', stockOn: 'Stock levels are sent to this connection.', stockOff: 'Below is what each listing would be told.',
    shipmentsOn: 'Shipments and cancel decisions are sent to this connection.', shipmentsOff: 'Below is what would be sent at once.', start_stock: 'Arm stock', stop_stock: 'Stop stock', start_shipments: 'Arm shipments', stop_shipments: 'Stop shipments',
    changes: { zero: 'Set to 0', lower: 'Lower', raise: 'Raise', same: 'Unchanged', skip: 'Not told', send: 'Send' }, zeroSeen_one: 'I have seen that {{count}} listing is set to 0', zeroSeen_other: 'I have seen that {{count}} listings are set to 0', confirmZeroFirst: 'Confirm the listings that go to 0 first',
    noListings: 'No listing yet', noListingsHint: 'Read the channel’s listings and bind them to SKUs first.', noShipments: 'No shipment waits', noShipmentsHint: 'Shipments from now on are sent as they are made.', safety: 'What is on this list is armed. If another listing or another 0 came in meanwhile, you are asked again.',
    changed: 'Meanwhile another listing would be told, or one would be set to 0. The list below is new: look at it, then arm.', armTitle: 'Arm {{name}}?', armText: 'Raised: {{raise}}, lowered: {{lower}}, set to 0: {{zero}}, unchanged: {{same}}. From then on every change is sent.', disarmTitle: 'Stop writing to {{name}}?', disarmText: 'Nothing more is sent. Writes already on their way are still settled. Reading goes on.', armed: '{{name}} is armed', disarmed: '{{name}} is read-only',
  },
  armReason: { unbound: 'Not bound', ignored: 'Ignored', inactive: 'Not on sale', paused: 'Frozen', 'not-counted': 'Never counted', 'not-managed': 'Not managed there', 'no-answer': 'No answer', blocked: 'Not told', 'shown-unknown': 'Shown value unknown', shipment: 'Shipment', cancel: 'Cancel decision', 'not-armed': 'Not armed', stopped: 'Outbound stopped' },
  backfill: { title: 'Read a past period', text: 'Orders changed in this period are read again. What is already here and unchanged is only counted, so repeating is safe.', from: 'From', to: 'Up to', order: 'The end must be after the start', start: 'Start reading', running: 'Reading the past', past: 'Earlier run' },
  ledger: { label: 'Ledger', agrees: 'Today adds up', differs: 'Today does not add up', since: 'Raw documents since 00:00', received: 'Received', difference: 'Difference {{value}}' },
} as const
