import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { pythonWith } from './python.ts'
import { startThrowAwayHub } from './running-hub.ts'

/** `npm run test:dlt`: docs/examples/pull.py, unpatched, twice; every position arrives once. */
const script = fileURLToPath(new URL('../../../docs/examples/pull.py', import.meta.url))
const CHECK = `import duckdb; print(duckdb.connect('channel_hub.duckdb').execute('select count(*), count(distinct seq), min(seq) from feed.changes').fetchone())`

const hub = await startThrowAwayHub()
try {
  const lines = (await readFile(script, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length > 10) throw new Error(`The example has grown to ${lines.length} lines.`)
  const run = await pythonWith(hub.work, ['dlt[duckdb]'])
  const env = { HUB_URL: hub.url, HUB_KEY: hub.key, HUB_SANDBOX: '1', DLT_DATA_DIR: `${hub.work}/dlt`, RUNTIME__DLTHUB_TELEMETRY: 'false' }
  for (const round of [1, 2]) {
    const { code, output } = await run('python', [script], env)
    if (code !== 0) throw new Error(`Round ${round} failed:\n${output.slice(-3000)}`)
    const counted = (await run('python', ['-c', CHECK], env)).output.trim()
    const [, rows, distinct, first] = /\((\d+), (\d+), (\d+)\)/.exec(counted) ?? []
    process.stdout.write(`round ${round}: ${rows} rows, ${distinct} positions, from ${first}\n`)
    if (rows === undefined || rows !== distinct || Number(rows) === 0 || first !== '1') throw new Error('Positions are missing or doubled.')
  }
} finally {
  await hub.stop()
}
