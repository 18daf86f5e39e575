import type { Check } from '../check.ts'
import { answers } from './answers.ts'
import { declaring } from './declaring.ts'
import { deliveries } from './deliveries.ts'
import { mapping } from './mapping.ts'
import { pacing } from './pacing.ts'
import { privacy } from './privacy.ts'
import { reading } from './reading.ts'
import { shipping } from './shipping.ts'
import { signingIn } from './signing-in.ts'
import { stock } from './stock.ts'
import { time } from './time.ts'

/** Everything a connector has to prove, in the order it is tried. */
export const checks: readonly Check[] = [
  ...declaring,
  ...signingIn,
  ...reading,
  ...time,
  ...answers,
  ...pacing,
  ...deliveries,
  ...stock,
  ...shipping,
  ...privacy,
  ...mapping,
]
