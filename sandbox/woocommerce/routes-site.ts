import type { Context, Hono } from 'hono'
import type { WooEnv } from './env.ts'
import { siteUrl } from './env.ts'
import type { WooShop } from './shop.ts'
import { wpJson } from './wp-response.ts'

/** The index (open to anybody), the namespace index, settings and the system status report. */
export function siteRoutes(app: Hono<WooEnv>, shop: WooShop): void {
  app.get('/wp-json', (c) => wpJson(siteIndex(shop, c)))
  app.get('/wp-json/wc/v3', (c) => wpJson({ namespace: 'wc/v3', routes: routesOf(shop, siteUrl(shop, c)) }))
  app.get('/wp-json/wc/v3/system_status', (c) => wpJson(systemStatus(shop, siteUrl(shop, c))))
  app.get('/wp-json/wc/v3/settings/general', () => wpJson(generalSettings(shop)))
  app.get('/wp-json/wc/v3/settings/general/:id', (c) => {
    const found = generalSettings(shop).find((setting) => setting.id === c.req.param('id'))
    return found ? wpJson(found) : wpJson({ code: 'rest_setting_setting_invalid', message: 'Invalid setting.', data: { status: 404 } }, 404)
  })
}

function siteIndex(shop: WooShop, c: Context<WooEnv>): unknown {
  const home = siteUrl(shop, c)
  const offset = (Date.parse(`${shop.time.local(shop.second())}Z`) - shop.second()) / 3_600_000
  return {
    name: shop.settings.name,
    description: '',
    url: home,
    home,
    gmt_offset: String(offset),
    timezone_string: shop.settings.timezone === 'UTC' ? '' : shop.settings.timezone,
    page_for_posts: 0,
    page_on_front: 0,
    show_on_front: 'posts',
    namespaces: ['oembed/1.0', 'wc/v1', 'wc/v2', 'wc/v3', ...(shop.settings.shipmentTracking ? ['wc-shipment-tracking/v3'] : []), 'wp/v2'],
    authentication: [],
    routes: routesOf(shop, home),
    site_logo: 0,
    site_icon: 0,
    site_icon_url: '',
    _links: { help: [{ href: 'https://developer.wordpress.org/rest-api/' }] },
  }
}

function routesOf(shop: WooShop, home: string): Record<string, unknown> {
  const crud = ['GET', 'POST']
  const item = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
  const routes: Record<string, readonly string[]> = {
    '/wc/v3': ['GET'],
    '/wc/v3/orders': crud,
    '/wc/v3/orders/(?P<id>[\\d]+)': item,
    '/wc/v3/orders/(?P<order_id>[\\d]+)/notes': crud,
    '/wc/v3/orders/(?P<order_id>[\\d]+)/refunds': crud,
    '/wc/v3/products': crud,
    '/wc/v3/products/(?P<id>[\\d]+)': item,
    '/wc/v3/products/batch': ['POST', 'PUT', 'PATCH'],
    '/wc/v3/products/(?P<product_id>[\\d]+)/variations': crud,
    '/wc/v3/products/(?P<product_id>[\\d]+)/variations/batch': ['POST', 'PUT', 'PATCH'],
    '/wc/v3/webhooks': crud,
    '/wc/v3/webhooks/(?P<id>[\\d]+)': item,
    '/wc/v3/system_status': ['GET'],
    '/wc/v3/settings/(?P<group_id>[\\w-]+)': ['GET'],
  }
  if (shop.settings.fulfilments) {
    routes['/wc/v3/orders/(?P<order_id>[\\d]+)/fulfillments'] = crud
    routes['/wc/v3/orders/(?P<order_id>[\\d]+)/fulfillments/(?P<fulfillment_id>[\\d]+)'] = item
  }
  if (shop.settings.shipmentTracking) {
    routes['/wc-shipment-tracking/v3'] = ['GET']
    routes['/wc-shipment-tracking/v3/orders/(?P<order_id>[\\d]+)/shipment-trackings'] = crud
  }
  const describe = (methods: readonly string[], route: string): unknown => ({
    namespace: route.split('/').slice(1, 3).join('/'),
    methods,
    endpoints: [{ methods, args: [] }],
    ...(route.includes('(') ? {} : { _links: { self: [{ href: `${home}/wp-json${route}` }] } }),
  })
  return Object.fromEntries(Object.entries(routes).map(([route, methods]) => [route, describe(methods, route)]))
}

function systemStatus(shop: WooShop, home: string): unknown {
  const { settings } = shop
  return {
    environment: {
      home_url: home,
      site_url: home,
      version: settings.version,
      wp_version: '6.8.3',
      wp_multisite: false,
      php_version: '8.3.14',
      default_timezone: 'UTC',
      language: 'en_US',
    },
    database: { wc_database_version: settings.version, database_prefix: 'wp_' },
    active_plugins: [
      { plugin: 'woocommerce/woocommerce.php', name: 'WooCommerce', version: settings.version },
      ...(settings.shipmentTracking
        ? [{ plugin: 'woocommerce-shipment-tracking/woocommerce-shipment-tracking.php', name: 'WooCommerce Shipment Tracking', version: '2.6.1' }]
        : []),
    ],
    settings: {
      api_enabled: true,
      force_ssl: false,
      currency: settings.currency,
      currency_symbol: settings.currencySymbol,
      currency_position: 'left',
      thousand_separator: ',',
      decimal_separator: '.',
      number_of_decimals: settings.digits,
      HPOS_enabled: true,
      HPOS_sync_enabled: false,
      enabled_features: settings.fulfilments ? ['analytics', 'custom_order_tables', 'fulfillments'] : ['analytics', 'custom_order_tables'],
    },
  }
}

interface Setting {
  readonly id: string
  readonly label: string
  readonly description: string
  readonly type: string
  readonly default: string
  readonly value: string
  readonly group_id: string
}

function generalSettings({ settings }: WooShop): readonly Setting[] {
  const make = (id: string, label: string, type: string, usual: string, value: string): Setting => ({
    id,
    label,
    description: '',
    type,
    default: usual,
    value,
    group_id: 'general',
  })
  return [
    make('woocommerce_default_country', 'Country / State', 'select', 'US:CA', 'US:CA'),
    make('woocommerce_calc_taxes', 'Enable taxes', 'checkbox', 'no', settings.taxBasisPoints > 0 ? 'yes' : 'no'),
    make('woocommerce_currency', 'Currency', 'select', 'USD', settings.currency),
    make('woocommerce_currency_pos', 'Currency position', 'select', 'left', 'left'),
    make('woocommerce_price_num_decimals', 'Number of decimals', 'number', '2', String(settings.digits)),
  ]
}
