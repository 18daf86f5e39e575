import type { Registry } from '../core/connector.ts'
import { lookForAlerts } from '../deliver/alerts.ts'
import { type DeliveryDeps, deliverAlerts } from './alert-delivery.ts'
import type { ActivityLog } from './failure.ts'
import { lookAgain, type Watch } from './look-again.ts'
import { deliverSupplyMails } from './supply-mail.ts'

export interface AlertWatchDeps extends DeliveryDeps {
  readonly registry: Registry
  readonly log: ActivityLog
}

const LOOK_MS = 5_000
const LONGEST_MS = 60_000

/** Judges the rules of alerts and sends their messages, and the mails to suppliers. One per worker process; each look and each message is taken by one of them. */
export const watchAlerts = (deps: AlertWatchDeps): Watch =>
  lookAgain(
    async () => {
      try {
        await lookForAlerts({ pool: deps.pool, registry: deps.registry, now: deps.now() })
      } finally {
        // What was found before is told, whatever became of this look.
        await Promise.all([deliverAlerts(deps), deliverSupplyMails(deps)])
      }
    },
    { everyMs: LOOK_MS, longestMs: LONGEST_MS },
    { log: deps.log, failing: 'Looking for what to alert about' },
  )
