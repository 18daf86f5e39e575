import type { Instant } from '../../src/core/order.ts'

/** WooCommerce stamps whole seconds, and its `*_gmt` fields are UTC without saying so: "2026-11-20T08:00:00". */
export const instantOf = (gmt: string): Instant => `${gmt.slice(0, 19)}Z`

/** The instant as WooCommerce wants it in a query with `dates_are_gmt=true`: no zone, whole seconds rounded down. */
export const gmtFloor = (instant: Instant): string => new Date(Math.floor(Date.parse(instant) / 1000) * 1000).toISOString().slice(0, 19)

/** The same, rounded up: a stamp of second S stands for every moment of that second. */
export const gmtCeil = (instant: Instant): string => new Date(Math.ceil(Date.parse(instant) / 1000) * 1000).toISOString().slice(0, 19)

/** `gmt` moved by whole seconds. */
export const shifted = (gmt: string, seconds: number): string => new Date(Date.parse(`${gmt}Z`) + seconds * 1000).toISOString().slice(0, 19)
