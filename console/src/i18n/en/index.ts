import { alerts } from './alerts.ts'
import { channels } from './channels.ts'
import { codes } from './codes.ts'
import { drift } from './drift.ts'
import { entry } from './entry.ts'
import { explain } from './explain.ts'
import { fieldMaps } from './field-maps.ts'
import { fixes } from './fixes.ts'
import { flaws } from './flaws.ts'
import { incidents } from './incidents.ts'
import { ledger } from './ledger.ts'
import { mappings } from './mappings.ts'
import { orders } from './orders.ts'
import { people } from './people.ts'
import { places } from './places.ts'
import { plan } from './plan.ts'
import { refusals } from './refusals.ts'
import { rows } from './rows.ts'
import { rules } from './rules.ts'
import { said } from './said.ts'
import { shell } from './shell.ts'
import { signs } from './signs.ts'
import { suggestions } from './suggestions.ts'
import { system } from './system.ts'
import { tables } from './tables.ts'
import { work } from './work.ts'

export default {
  ...shell,
  ...alerts,
  ...channels,
  ...orders,
  ...entry,
  ...work,
  ...system,
  ...codes,
  ...rows,
  ...rules,
  ...fieldMaps,
  ...fixes,
  ...explain,
  ...ledger,
  ...mappings,
  ...signs,
  ...suggestions,
  ...tables,
  ...drift,
  ...incidents,
  ...people,
  ...places,
  ...plan,
  ...refusals,
  ...said,
  ...flaws,
} as const
