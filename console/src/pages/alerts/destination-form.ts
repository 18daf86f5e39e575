import type { Destination, DestinationDraft, DestinationKind } from '../../api/alerts.ts'
import type { Language } from '../../format/time.ts'

/** What the form holds, as texts. */
export interface DestinationForm {
  readonly name: string
  readonly kind: DestinationKind
  readonly host: string
  readonly port: number | null
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user: string
  readonly password: string
  readonly from: string
  readonly to: string
  readonly url: string
  readonly secret: string
  readonly language: Language
  readonly timezone: string
  readonly quiet: boolean
  readonly quietFrom: string
  readonly quietTo: string
  readonly enabled: boolean
}

export const emptyForm = (language: Language): DestinationForm => ({
  name: '',
  kind: 'wecom',
  host: '',
  port: 465,
  security: 'tls',
  user: '',
  password: '',
  from: '',
  to: '',
  url: '',
  secret: '',
  language,
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  quiet: false,
  quietFrom: '22:00',
  quietTo: '08:00',
  enabled: true,
})

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The form of one that stands; its credentials are the hints they are shown by, which the hub leaves alone. */
export const formOf = (one: Destination): DestinationForm => ({
  ...emptyForm(one.language),
  name: one.name,
  kind: one.kind,
  host: textOf(one.config['host']),
  port: typeof one.config['port'] === 'number' ? one.config['port'] : 465,
  security: one.config['security'] === 'starttls' || one.config['security'] === 'none' ? one.config['security'] : 'tls',
  user: textOf(one.config['user']),
  password: one.secrets_hint['password'] ?? '',
  from: textOf(one.config['from']),
  to: Array.isArray(one.config['to']) ? one.config['to'].map(textOf).join(', ') : '',
  url: one.secrets_hint['url'] ?? '',
  secret: one.secrets_hint['secret'] ?? '',
  timezone: one.timezone,
  quiet: one.quiet !== null,
  quietFrom: one.quiet?.from ?? '22:00',
  quietTo: one.quiet?.to ?? '08:00',
  enabled: one.enabled,
})

const listed = (text: string): readonly string[] =>
  text
    .split(/[\s,;,;]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** What is sent to the hub. */
export function draftOf(form: DestinationForm): DestinationDraft {
  const isMail = form.kind === 'email'
  const user = form.user.trim()
  const secrets = isMail ? { password: form.password } : { url: form.url.trim(), ...(form.kind !== 'wecom' && { secret: form.secret.trim() }) }
  return {
    name: form.name.trim(),
    kind: form.kind,
    config: isMail
      ? {
          host: form.host.trim(),
          port: form.port ?? 0,
          security: form.security,
          ...(user !== '' && { user }),
          from: form.from.trim(),
          to: listed(form.to),
        }
      : {},
    secrets,
    language: form.language,
    timezone: form.timezone,
    quiet: form.quiet ? { from: form.quietFrom, to: form.quietTo } : null,
    enabled: form.enabled,
  }
}

export const isReady = (form: DestinationForm): boolean =>
  form.name.trim() !== '' &&
  (form.kind === 'email' ? form.host.trim() !== '' && form.from.trim() !== '' && listed(form.to).length > 0 : form.url.trim() !== '')

/** A secret for a webhook: 32 random bytes in the form of Standard Webhooks. */
export const newWebhookSecret = (): string => `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`
