import { defineConfig } from 'vitest/config'

/** Real channels beside the hub: slow, need the package registry once, and are therefore run by name. */
export default defineConfig({
  test: { include: ['test/peers/**/*.test.ts'], fileParallelism: false, testTimeout: 120_000, hookTimeout: 600_000, bail: 0 },
})
