import { isUtf8 } from 'node:buffer'
import { buffer } from 'node:stream/consumers'
import type { Command } from 'commander'
import { registry } from '../../../connectors/index.ts'
import type { Signing } from '../../core/connector.ts'
import { ChannelError } from '../../core/fault.ts'
import { parseJsonExact } from '../../kit/json.ts'
import { verifyParts } from '../../kit/signing.ts'
import { CliError, EXIT } from './context.ts'
import { table, type Printer } from './output.ts'

const PARTS = `
Standard input carries request parts and secrets as one JSON object, by the names the vendor's documentation uses
(docs/channels/<channel>.md lists them). Nothing is sent anywhere and nothing is kept.`

export function channelCommands(program: Command, out: () => Printer): void {
  const group = program.command('channels').description('the channels this hub speaks, and their signatures')
  group
    .command('list')
    .description('all channels')
    .addHelpText('after', '\nExample: hub channels list --json')
    .action(() => {
      const channels = [...registry.values()].map(({ manifest, signing }) => ({
        id: manifest.id,
        title: manifest.title.en,
        kind: manifest.kind,
        state: manifest.stability,
        signs: signing !== undefined,
      }))
      out().result(channels, () => table(channels, { Id: 'id', Channel: 'title', Kind: 'kind', State: 'state', Signs: 'signs' }))
    })
  group
    .command('sign <channel>')
    .description('sign request parts from standard input, and show what was signed')
    .addHelpText('after', `${PARTS}\n\nExample: echo '{"secret":"s3cret","body":"{}"}' | hub channels sign woocommerce --json`)
    .action(async (channel: string) => {
      const made = await told(async () => signingOf(channel).sign(await input()))
      out().result(made, () => `${made.stringToSign}\n\n${made.signature}`)
    })
  group
    .command('verify <channel>')
    .description('check a signature over request parts from standard input')
    .addHelpText(
      'after',
      `${PARTS}\nThe signature to check is the part "signature". The verdict is the output; the exit code is 0 either way.\n\nExample: hub channels verify woocommerce --json < delivery.json`,
    )
    .action(async (channel: string) => {
      const verdict = await told(async () => verifyParts(signingOf(channel), await input()))
      out().result(verdict, () => (verdict.valid ? 'valid' : `not valid: ${verdict.reason ?? ''}`))
    })
}

/** Other names people and test vectors have for a channel. */
const ALSO: Readonly<Record<string, string>> = {
  pdd: 'pinduoduo',
  tiktok: 'tiktok-shop',
  wechat: 'wechat-shop',
  wechatpay: 'wechat-mini',
  woo: 'woocommerce',
}

function signingOf(channel: string): Signing {
  const connector = registry.get(Object.hasOwn(ALSO, channel) ? (ALSO[channel] ?? channel) : channel)
  if (!connector) throw new CliError(`There is no channel "${channel}". "hub channels list" shows them all.`, EXIT.notFound)
  if (!connector.signing) throw new CliError(`${connector.manifest.title.en} signs nothing: it is called with a password or token.`, EXIT.refused)
  return connector.signing
}

/** One JSON object; a whole test vector (`inputs`, `expected`) is taken as its parts. */
async function input(): Promise<Readonly<Record<string, unknown>>> {
  if (process.stdin.isTTY) throw new CliError('Pipe the parts as a JSON object into this command.', EXIT.usage)
  const bytes = await buffer(process.stdin)
  if (!isUtf8(bytes)) throw new CliError('Standard input is not UTF-8 text.', EXIT.usage)
  const doc = asObject(parsed(bytes.toString('utf8')))
  if (!doc) throw new CliError('Standard input is not one JSON object.', EXIT.usage)
  const { inputs, ...rest } = doc
  return { ...rest, ...asObject(inputs) }
}

function parsed(json: string): unknown {
  try {
    return parseJsonExact(json)
  } catch {
    return undefined
  }
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined

/** A part that is missing is the caller's to mend. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ChannelError) throw new CliError(error.message, EXIT.usage)
    throw error
  }
}
