/** Words of the frame: navigation, top bar, status vocabulary, and what every page shares. */
export const shell = {
  nav: {
    label: 'Pages', daily: 'Daily', orders: 'Orders', failures: 'Failures', stock: 'Stock', effects: 'Effects', setUp: 'Set up & prove',
    connections: 'Connections', listings: 'Listings', files: 'Files', system: 'System', settings: 'Settings', lookUp: 'Look up', skip: 'Skip to content',
  },
  top: { crumbs: 'You are here', new: 'New', ask: 'Where is order X? Any id, tracking no.', askLabel: 'Where is order X? Find by any id' },
  role: { admin: 'Administrator', ops: 'Operations', support: 'Support', finance: 'Finance', viewer: 'Read only' },
  account: { menu: 'Account of {{name}}', light: 'Light theme', dark: 'Dark theme', signOut: 'Sign out' },
  outbound: {
    running: 'Outbound on', stopped: 'Outbound stopped', stop: 'Stop all outbound', resume: 'Resume outbound',
    stopTitle: 'Stop all outbound?', resumeTitle: 'Resume outbound?', nowStopped: 'All outbound is stopped', resumed: 'Outbound runs again',
    stopText: 'Stock and shipments stop at once for every connection. {{waiting}} waiting writes stay queued; writes already on their way wait for their outcome. Orders keep arriving.',
    resumeText: '{{waiting}} waiting writes go out again to the armed connections, at each channel\'s pace. Levels that changed meanwhile are sent once, at their latest value.',
    bandRunning: 'Armed: {{armed}}, read-only: {{readonly}}, paused: {{paused}}. Stock and shipments only reach armed connections.',
    bandStopped: 'Stopped by {{by}}: “{{reason}}”. Waiting writes: {{waiting}}. Orders keep arriving.',
  },
  common: {
    back: 'Back', close: 'Close', cancel: 'Cancel', save: 'Save', undo: 'Undo', copy: 'Copy', copied: 'Copied', copyValue: 'Copy {{value}}', retry: 'Try again', refresh: 'Refresh',
    loading: 'Loading', more: 'More', moreOf: 'More about {{name}}', loadMore: 'Show more', open: 'Open', all: 'All', none: 'None', yes: 'Yes', no: 'No', search: 'Search', clear: 'Clear', add: 'Add', remove: 'Remove',
    reason: 'Reason', reasonPlaceholder: 'Reason (required, goes into the audit trail)', reasonNeeded: 'Give a reason first',
    notLoaded: '{{what}} did not load', noAnswer: 'The hub did not answer.', intakeGoesOn: 'Orders are still being received.', errorId: 'Error id', page: 'This page',
    forbidden: 'You may not see this', forbiddenHint: 'Your role or your connections do not include it. An administrator can change that.',
    noPage: 'There is no such page', toOrders: 'Go to orders', stale: 'Live updates are interrupted.', staleSince: 'The page shows data of', updated: 'Updated {{time}}', asOf: 'As of', notAvailable: 'n/a',
    sandbox: 'Sandbox', details: 'Details', connection: 'Connection', optional: 'optional', noMatch: 'Nothing matches', noMatchHint: 'Remove a filter to see more.', clearFilters: 'Clear filters', total: '{{count}} in all',
  },
  status: {
    ok: 'Healthy', progress: 'In progress', waiting: 'Waiting', held: 'Held', late: 'Late', attention: 'Needs attention', failed: 'Failed', doubt: 'In doubt', drift: 'Drift', oversell: 'Oversell risk',
    paused: 'Paused', cancelled: 'Cancelled', cancelRequested: 'Cancel requested', readonly: 'Read-only', armed: 'Armed', running: 'Outbound on', stopped: 'Outbound stopped', sandbox: 'Sandbox',
  },
  keys: {
    title: 'Keys', ask: 'Where is order X?', search: 'Search this page', move: 'Down, up', select: 'Select', range: 'Select a range', panel: 'Open the panel', page: 'Open the full page', replay: 'Replay',
    close: 'Close, then clear', go: 'Go to orders, connections, failures, stock', sheet: 'This sheet', single: 'Single-letter keys',
  },
  login: {
    title: 'Sign in', name: 'User name', password: 'Password', submit: 'Sign in', wrong: 'User name or password is not right.', blocked: 'Too many tries. Try again in {{seconds}} s.', unreachable: 'The hub does not answer. Check that it is running.',
    first: 'First time? The administrator’s password was printed once by the command that started the hub.', required: 'Fill in both fields.', tagline: 'Every order arrives, once, and you can prove it.',
  },
} as const
