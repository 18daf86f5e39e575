import { channels } from './channels.ts'
import { codes } from './codes.ts'
import { orders } from './orders.ts'
import { shell } from './shell.ts'
import { system } from './system.ts'
import { work } from './work.ts'

export default { ...shell, ...channels, ...orders, ...work, ...system, ...codes } as const
