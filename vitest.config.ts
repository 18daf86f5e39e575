import { defineConfig } from 'vitest/config'

// `isolate: false`: the files of a project share the modules a worker has loaded, since loading them took as long as the tests. It holds because
// what our modules keep is constant, or kept by pool or by content; a test that replaces a global puts it back.
const services = ['test/support/global-setup.ts']

/** Folders whose tests talk to a real PostgreSQL; `test/support/db.ts` gives each file a database of its own. */
const storeFolders = ['store', 'intake', 'normalize', 'deliver', 'http', 'activities', 'app', 'promises', 'bad-input', 'security']

export default defineConfig({
  test: {
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...storeFolders, 'workflows', 'e2e', 'launcher', 'peers', 'volume'].map((folder) => `test/${folder}/**`),
        },
      },
      {
        extends: true,
        test: {
          name: 'store',
          isolate: false,
          // Many requests each, on whatever machine: none of them is about time.
          testTimeout: 120_000,
          include: storeFolders.map((folder) => `test/${folder}/**/*.test.ts`),
          globalSetup: services,
          provide: { needs: ['postgres'] },
        },
      },
      {
        extends: true,
        test: {
          name: 'workflows',
          include: ['test/workflows/**/*.test.ts'],
          globalSetup: services,
          provide: { needs: ['postgres', 'temporal'] },
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/{e2e,launcher}/**/*.test.ts'],
          globalSetup: services,
          provide: { needs: ['postgres', 'temporal'] },
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        // Real data in bulk, minutes long: `npm run test:volume`, not part of `npm test`.
        extends: true,
        test: {
          name: 'volume',
          include: ['test/volume/**/*.test.ts'],
          globalSetup: services,
          provide: { needs: ['postgres', 'temporal'] },
          testTimeout: 120_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
