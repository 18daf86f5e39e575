/** `gid://shopify/LineItem/7001` → `7001`. */
export const idOf = (gid: string): string => /^gid:\/\/shopify\/\w+\/([^/?]+)/.exec(gid)?.[1] ?? gid
