/** How the platform writes: `{error,message,request_id,response}`, money as numbers of the region's currency, times in seconds. */

export class ShopeeError extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 200) {
    super(message)
    this.code = code
    this.status = status
  }
}

export const wrong = (detail: string): ShopeeError => new ShopeeError('error_param', `Wrong parameters, detail: ${detail}.`)
export const notFound = (detail: string): ShopeeError => new ShopeeError('error_not_found', `Wrong parameters, detail: ${detail}.`)

const json = (doc: unknown, status = 200): Response => new Response(JSON.stringify(doc), { status, headers: { 'content-type': 'application/json' } })

export const success = (requestId: string, response: unknown): Response => json({ error: '', message: '', request_id: requestId, response })
/** A few interfaces put their members beside the error instead of below `response`. */
export const plain = (requestId: string, members: object): Response => json({ error: '', message: '', request_id: requestId, ...members })
export const refusal = (requestId: string, { code, message, status }: ShopeeError): Response =>
  json({ error: code, message, request_id: requestId }, status)

export const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.floor(ms / 1000))
/** Cents as the number they make. */
export const money = (minor: number): number => minor / 100
export const int = (id: string): number => Number(id)
