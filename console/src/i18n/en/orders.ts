/** Orders: the list, one order, shipping, finding. */
export const orders = {
  orders: {
    list: 'The order list', number: 'Order number', statusAndReason: 'Status and reason', total: 'Paid total', placedOrDue: 'Placed / ship by', placed: 'Placed', shipBy: 'Ship by', searchPlaceholder: 'Search, or paste 200 ids', searchLabel: 'Search orders or paste many ids',
    views: 'Views', viewName: 'Name of this view', saveView: 'Save this view', dropView: 'Forget the view {{name}}', addFilter: 'Filter', dropFilter: 'Remove the filter {{name}}', export: 'Export', panel: 'Order', openPage: 'Open the full page',
    filter: { payment: 'Payment', fulfilment: 'Fulfilment', approval: 'Approval', after_sale: 'After-sale', sync: 'Sync', sku: 'SKU', from: 'From', to: 'To' },
    fresh_one: '{{count}} new order', fresh_other: '{{count}} new orders', shownAll: '{{shown}} orders', shownMore: '{{shown}} orders shown, more below', selected_one: '{{count}} order selected', selected_other: '{{count}} orders selected', bulk: 'With the selected orders', selectShown: 'Select all shown', selectOne: 'Select {{number}}', unselect: 'Clear selection',
    replay: 'Replay…', refetch: 'Read from channel', refetched_one: '{{count}} order is being read again', refetched_other: '{{count}} orders are being read again', copyIds: 'Copy ids', copiedIds_one: '{{count}} id copied', copiedIds_other: '{{count}} ids copied', linesOf_one: '{{count}} line', linesOf_other: '{{count}} lines',
    empty: 'No order yet', emptyHint: 'As soon as a connection delivers its first order, it stands here.', pasted: 'Pasted ids', foundOf: '{{found}} of {{total}} pasted ids are here', missing: 'Ids that are not here', missingHint_one: '{{count}} is not here. The channels can be asked for it.', missingHint_other: '{{count}} are not here. The channels can be asked for them.', askFor_one: 'Ask the channels for {{count}}', askFor_other: 'Ask the channels for {{count}}', copyMissing: 'Copy missing ids',
  },
  order: {
    what: 'The order', colon: ': ', progress: 'Progress', nodesDone: '{{done}} / {{total}} nodes', linesAndUnits: '{{lines}} lines, {{units}} pcs', units: '{{units}} pcs', version: 'version {{version}}', lines: 'Lines', unbound: 'not bound: {{sku}}', recipient: 'Recipient', erpNumber: 'ERP number', tracking: 'Tracking no.',
    reveal: 'Reveal', hide: 'Hide', revealTitle: 'Reveal personal data?', revealText: 'Who looked, when and why is written to the audit trail. The data is hidden again after a minute.', purpose: 'Purpose', release: 'Release', releaseTitle: 'Release this hold?', releaseText: '“{{hold}}” no longer holds the order. If the cause is still there at the next change, it is held again.', released: 'The hold is released', fixBinding: 'Bind the SKU',
    hold: 'Hold', holdTitle: 'Hold this order?', holdText: 'Nothing goes out for this order until somebody releases it.', heldNow: 'The order is held', refetched: 'The order is being read from the channel', reEmit: 'Send to the ERP again', reEmitted: 'The order stands in the feed again',
    cancelRequested: 'The buyer asks to cancel', cancelText: 'The order waits. Your decision goes back to the channel.', acceptCancel: 'Accept the cancellation', rejectCancel: 'Reject it', acceptTitle: 'Accept the cancellation?', rejectTitle: 'Reject the cancellation?', acceptText: 'The channel is told that the order is cancelled. Reserved stock becomes free.', rejectText: 'The channel is told that the order will be shipped. The hold ends.', decided: 'The decision is on its way to the channel',
    compare: 'Raw and canonical', raw: 'As received', rawNo: '#{{number}}', masked: 'masked', noRaw: 'There is no document', downloadRaw: 'Download the document', canonical: 'Canonical', mappedBy: 'by {{mapping}}', traceHint: 'Point at a value to see where the document carries it.', traceNone: 'The document does not carry this value literally: it was computed, translated or masked.', traceFound_one: 'Carried by line {{lines}} of the document.', traceFound_other: 'Carried by {{count}} lines of the document: {{lines}}.',
    attempts: 'Outbound and attempts', entries_one: '{{count}} entry', entries_other: '{{count}} entries', package: 'Package {{number}}', receivedTimes_one: 'Document received once', receivedTimes_other: 'Document received {{count}} times', facts: 'Timeline', sameConnection: 'Other orders of this connection',
  },
  ship: {
    open: 'Ship…', title: 'Ship', carrier: 'Carrier', left: 'Open', now: 'In this package', quantityOf: 'Quantity of {{title}}', submit: 'Ship package', submitForced: 'Ship anyway', done: 'The package is recorded and goes to the channel', forced: 'forced', needCarrier: 'Give a carrier and a tracking number', needLines: 'Choose at least one piece', needForce: 'Shipping against a hold has to be confirmed', force: 'Ship anyway',
    held: 'The order is held:', cancelled: 'The order is cancelled.', cancelRequested: 'The buyer asks to cancel.',
  },
  find: {
    hint: 'Order number, channel id, tracking number, the last four digits of a phone, e-mail or SKU.', answers: 'The answers', documents: 'Documents that became no order', notHere: '{{q}} is not in the hub', notHereHint: 'Each connected channel can be asked for it directly.', ask: 'Ask the channels', askAnyway: 'Ask the channels anyway', asking: 'Asking the channels', fetch: 'Fetch', nobody: 'No connection can be asked.',
  },
  answer: { stored: 'Is here', held: 'Received and held', ignored: 'Received and ignored by rule', 'not-received': 'The channel has it, we never received it', 'unknown-to-channel': 'The channel does not know it', fault: 'The channel did not answer', 'not-asked': 'Not asked' },
  orderState: { open: 'Open', held: 'Held', to_ship: 'To ship', shipped: 'Shipped', cancelled: 'Cancelled', closed: 'Closed' },
  label: {
    cancelled: 'Cancelled', 'in-doubt': 'In doubt', 'writeback-refused': 'Channel refused', 'cancel-requested': 'Cancel requested', held: 'Held', 'erp-rejected': 'ERP rejected', refunded: 'Refunded', 'awaiting-payment': 'To be paid', 'to-ship': 'To ship', 'partly-shipped': 'Partly shipped',
    'awaiting-channel': 'Confirming with channel', shipped: 'Shipped', 'in-transit': 'In transit', delivered: 'Delivered', completed: 'Completed', 'delivery-failed': 'Delivery failed',
  },
  labelWhy: {
    'in-doubt': 'No answer to a write; it is being read back', 'writeback-refused': 'The buyer cannot see the tracking yet', 'cancel-requested': 'The buyer asks to cancel; decide first', 'erp-rejected': 'The ERP did not accept the order', 'awaiting-channel': 'Sent; waiting for the channel’s confirmation', 'partly-shipped': 'Some lines are still open',
  },
  payment: { pending: 'Unpaid', authorised: 'Authorised', partially_paid: 'Partly paid', paid: 'Paid', refund_pending: 'Refund pending', partially_refunded: 'Partly refunded', refunded: 'Refunded', voided: 'Voided' },
  fulfilment: { unallocated: 'Not allocated', allocated: 'Allocated', released: 'Released', partial: 'Partly shipped', shipped: 'Shipped', in_transit: 'In transit', delivered: 'Delivered', failed: 'Failed' },
  approval: { new: 'New', held: 'Held', review: 'In review', approved: 'Approved', rejected: 'Rejected' },
  after_sale: { none: 'None', requested: 'Requested', in_progress: 'In progress', closed: 'Closed' },
  sync: { current: 'Current', writeback_pending: 'Sending back', writeback_failed: 'Sending back failed', in_doubt: 'In doubt' },
  node: {
    placed: 'Placed', paid: 'Paid', ingested: 'Received', normalised: 'Normalised', validated: 'Validated', approved: 'Approved', allocated: 'Allocated', released: 'Released', picked: 'Picked', packed: 'Packed', shipped: 'Shipped', channel_confirmed: 'Channel told', in_transit: 'In transit', out_for_delivery: 'Out for delivery', received: 'Delivered',
  },
  nodeState: { done: 'done', next: 'next', failed: 'stuck', waiting: 'later', skipped: 'skipped' },
} as const
