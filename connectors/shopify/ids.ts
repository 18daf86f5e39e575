/** What the API calls `gid://shopify/Order/6001` is `6001` in addresses, webhooks and for people; the hub keeps the short form. */
export const shortId = (gid: string): string => /^gid:\/\/shopify\/\w+\/([^/?]+)/.exec(gid)?.[1] ?? gid

export const gidOf = (type: 'Order' | 'LineItem' | 'InventoryItem' | 'Location', id: string): string =>
  id.startsWith('gid://') ? id : `gid://shopify/${type}/${id}`

/** Only digits are an id; anything else would be an error of the whole query. */
export const isId = (id: string): boolean => /^(?:gid:\/\/shopify\/\w+\/)?\d{1,20}$/.test(id)

/** Windows are half-open; Shopify's own upper end is not. */
export const isBefore = (instant: string | undefined, to: string): boolean => instant !== undefined && Date.parse(instant) < Date.parse(to)

/** People paste addresses of the admin as well; what stands before counts. A simulated shop may stand below a path. */
export const siteOf = (url: string): string => url.replace(/\/admin(?:\/.*)?$/, '').replace(/\/+$/, '')
