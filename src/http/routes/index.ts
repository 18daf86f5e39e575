import type { Route } from '../route.ts'
import { alertDestinationRoutes } from './alert-destinations.ts'
import { alertRoutes } from './alerts.ts'
import { armingRoutes } from './arming.ts'
import { arrivalRoutes } from './arrivals.ts'
import { auditRoutes } from './audit.ts'
import { boardRoutes } from './board.ts'
import { bundleRoutes } from './bundles.ts'
import { changeRoutes } from './changes.ts'
import { channelRoutes } from './channels.ts'
import { connectionActionRoutes } from './connection-actions.ts'
import { connectionChoiceRoutes } from './connection-choice.ts'
import { connectionTransferRoutes } from './connection-transfer.ts'
import { connectionRoutes } from './connections.ts'
import { consumerRoutes } from './consumers.ts'
import { driftRoutes } from './drift.ts'
import { effectRoutes } from './effects.ts'
import { explainRoutes } from './explain.ts'
import { exportRoutes } from './exports.ts'
import { failureRoutes } from './failures.ts'
import { fileRoutes } from './files.ts'
import { findRoutes } from './find.ts'
import { jobRoutes } from './jobs.ts'
import { ledgerRoutes } from './ledger.ts'
import { listingRoutes } from './listings.ts'
import { locationRoutes } from './locations.ts'
import { mappingTableRoutes } from './mapping-tables.ts'
import { mappingTrialRoutes } from './mapping-trials.ts'
import { mappingVersionRoutes } from './mapping-versions.ts'
import { mappingRoutes } from './mappings.ts'
import { orderActionRoutes } from './order-actions.ts'
import { orderRoutes } from './orders.ts'
import { ownAccountRoutes } from './own-account.ts'
import { overrideRoutes } from './overrides.ts'
import { overviewRoutes } from './overview.ts'
import { peopleRoutes } from './people.ts'
import { privacyRequestRoutes } from './privacy-requests.ts'
import { privacyRoutes } from './privacy.ts'
import { pushedOrderRoutes } from './pushed-orders.ts'
import { replayRoutes } from './replays.ts'
import { sandboxRoutes } from './sandbox.ts'
import { sessionRoutes } from './session.ts'
import { skuPauseRoutes } from './sku-pause.ts'
import { skuRoutes } from './skus.ts'
import { stockIncidentRoutes } from './stock-incidents.ts'
import { stockPlanRoutes } from './stock-plan.ts'
import { stockLedgerRoutes } from './stock-ledger.ts'
import { stockRoutes } from './stock.ts'
import { stockTakeRoutes } from './stock-takes.ts'
import { stockRuleRoutes } from './stock-rules.ts'
import { substituteRoutes } from './substitutes.ts'
import { supplierRoutes } from './suppliers.ts'
import { viewRoutes } from './views.ts'

/** Every route of the API. */
export const allRoutes: readonly Route[] = [
  ...sessionRoutes,
  ...ownAccountRoutes,
  ...overviewRoutes,
  ...boardRoutes,
  ...alertRoutes,
  ...alertDestinationRoutes,
  ...channelRoutes,
  ...connectionRoutes,
  ...connectionActionRoutes,
  ...connectionChoiceRoutes,
  ...armingRoutes,
  ...connectionTransferRoutes,
  ...orderRoutes,
  ...viewRoutes,
  ...explainRoutes,
  ...ledgerRoutes,
  ...orderActionRoutes,
  ...pushedOrderRoutes,
  ...findRoutes,
  ...driftRoutes,
  ...changeRoutes,
  ...consumerRoutes,
  ...exportRoutes,
  ...skuRoutes,
  ...listingRoutes,
  ...skuPauseRoutes,
  ...stockIncidentRoutes,
  ...stockRoutes,
  ...stockLedgerRoutes,
  ...stockTakeRoutes,
  ...locationRoutes,
  ...bundleRoutes,
  ...arrivalRoutes,
  ...stockRuleRoutes,
  ...stockPlanRoutes,
  ...supplierRoutes,
  ...substituteRoutes,
  ...effectRoutes,
  ...failureRoutes,
  ...overrideRoutes,
  ...mappingRoutes,
  ...mappingVersionRoutes,
  ...mappingTableRoutes,
  ...mappingTrialRoutes,
  ...replayRoutes,
  ...jobRoutes,
  ...fileRoutes,
  ...peopleRoutes,
  ...auditRoutes,
  ...privacyRoutes,
  ...privacyRequestRoutes,
  ...sandboxRoutes,
]
