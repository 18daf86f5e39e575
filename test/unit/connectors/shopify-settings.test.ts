import { describe, expect, it } from 'vitest'
import { manifest } from '../../../connectors/shopify/manifest.ts'

const at = (url: string) => manifest.config.parse({ url })

describe('the settings of a Shopify connection', () => {
  it('reach the shop and the place results of bulk operations lie at, and a simulated shop only itself', () => {
    expect(manifest.hosts(at('https://acme.myshopify.com'))).toEqual(['https://acme.myshopify.com', 'https://storage.googleapis.com'])
    expect(manifest.hosts(at('http://127.0.0.1:8080/shop'))).toEqual(['http://127.0.0.1:8080/shop'])
  })

  it('know the same shop again, however its address was pasted', () => {
    const [first, ...others] = ['https://acme.myshopify.com', 'https://ACME.myshopify.com/', 'https://acme.myshopify.com/admin/orders'].map((url) =>
      manifest.shop?.(at(url)),
    )
    expect(others).toEqual([first, first])
    expect(manifest.shop?.(at('https://other.myshopify.com'))).not.toBe(first)
  })

  it('take no version older than idempotent stock writes', () => {
    expect(manifest.config.safeParse({ url: 'https://acme.myshopify.com', apiVersion: '2026-04' }).success).toBe(false)
    expect(manifest.config.safeParse({ url: 'https://acme.myshopify.com', apiVersion: '2026-07' }).success).toBe(true)
  })
})
