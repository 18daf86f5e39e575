import type { createFaultPlan, FaultPlan } from '../stage/faults.ts'

const html = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>nginx</center></body></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  })

const failed = (message: string, code: string): Response => Response.json({ errors: [{ message, extensions: { code } }], data: null })

/** A proxy in front of the shop, the shop's own crash, and refusals that arrive as HTTP 200. */
export function vendureFaults(create: typeof createFaultPlan): FaultPlan {
  return create(
    {
      throttled: () => html(429, '429 Too Many Requests'),
      broken: () => Response.json({ statusCode: 500, message: 'Internal server error' }, { status: 500 }),
      unavailable: () => html(503, '503 Service Temporarily Unavailable'),
      html: () => html(200, 'Sign in'),
      throttledAs200: () => failed('Too many requests', 'TOO_MANY_REQUESTS'),
      nullData: () => Response.json({ data: null }),
      unauthorized: () => failed('You are not currently authorized to perform this action', 'FORBIDDEN'),
    },
    async (c) => {
      const text = await c.req.text()
      return /\bmutation\b/.test(text) && !/\blogin\b/.test(text)
    },
  )
}
