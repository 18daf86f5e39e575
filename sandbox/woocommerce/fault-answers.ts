import type { createFaultPlan, FaultPlan } from '../stage/faults.ts'
import { wpError, wpFail, wpJson } from './wp-response.ts'

const page = (title: string, text: string): string =>
  `<!DOCTYPE html><html lang="en-US"><head><meta charset="utf-8"><title>${title}</title></head><body><p>${text}</p></body></html>`

function html(body: string, status: number): Response {
  return new Response(body, { status, headers: { 'content-type': 'text/html; charset=UTF-8' } })
}

/** A host, a firewall or WordPress itself getting in the way, each in its own words. */
export function wooFaults(create: typeof createFaultPlan): FaultPlan {
  return create(
    {
      throttled: () => html(page('429 Too Many Requests', 'Too many requests.'), 429),
      broken: () =>
        wpFail(
          wpError(
            'internal_server_error',
            '<p>There has been a critical error on this website.</p><p><a href="https://wordpress.org/documentation/article/faq-troubleshooting/">Learn more about troubleshooting WordPress.</a></p>',
            500,
          ),
        ),
      unavailable: () => html(page('Maintenance', 'Briefly unavailable for scheduled maintenance. Check back in a minute.'), 503),
      html: () => html(page('Log In', 'Please wait while your request is being verified…'), 200),
      throttledAs200: () => wpJson({ code: 'rate_limited', message: 'Too many requests, please slow down.', data: { status: 429 } }),
      nullData: () => wpJson(null),
      unauthorized: () => wpFail(wpError('woocommerce_rest_authentication_error', 'Consumer key is invalid.', 401)),
    },
    (c) => c.req.method !== 'GET' && c.req.method !== 'HEAD',
  )
}
