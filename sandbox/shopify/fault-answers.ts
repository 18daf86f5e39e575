import type { createFaultPlan, FaultPlan } from '../stage/faults.ts'

const html = (status: number, title: string): Response =>
  new Response(`<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  })

const cost = { requestedQueryCost: 900, actualQueryCost: null, throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 700, restoreRate: 100 } }

/** Shopify's own words for its troubles; throttling comes inside a 200. */
export function shopifyFaults(create: typeof createFaultPlan): FaultPlan {
  return create(
    {
      throttled: () =>
        Response.json(
          { errors: 'Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.' },
          { status: 429 },
        ),
      broken: () => Response.json({ errors: 'Internal Server Error' }, { status: 500 }),
      unavailable: () => html(503, 'Service Unavailable'),
      html: () => html(200, 'Log in to Shopify'),
      throttledAs200: () => Response.json({ errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }], extensions: { cost } }),
      unauthorized: () => Response.json({ errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' }, { status: 401 }),
      nullData: () => Response.json({ data: null }),
    },
    async (c) => /"query":\s*"\s*mutation\b/.test(await c.req.text()),
  )
}
