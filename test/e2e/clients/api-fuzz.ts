import { pythonWith } from './python.ts'
import { startThrowAwayHub } from './running-hub.ts'

/**
 * `npm run test:api-fuzz`: schemathesis against the API document of a running hub. No answer may be a server error, and
 * every problem must be a described one.
 */
const PACKAGE = 'schemathesis==4.32.5'
const EXAMPLES = process.argv[2] ?? '40'
/** Left out: what ends the run itself (the fuzzer's own key, the sandbox it works on) and endless streams. */
const LEFT_OUT = String.raw`/events$|/v1/keys/|/sandbox/remove$|/v1/session/password$`

const hub = await startThrowAwayHub()
try {
  const run = await pythonWith(hub.work, [PACKAGE])
  const { code, output } = await run('schemathesis', [
    'run',
    `${hub.url}/openapi.json`,
    '-H',
    `Authorization: Bearer ${hub.key}`,
    '--checks',
    'not_a_server_error,content_type_conformance,status_code_conformance,response_schema_conformance',
    '--phases',
    'examples,coverage,fuzzing',
    '--max-examples',
    EXAMPLES,
    '--exclude-path-regex',
    LEFT_OUT,
    '--suppress-health-check',
    'all',
    '--continue-on-failure',
    '--request-timeout',
    '30',
  ])
  process.stdout.write(output)
  process.exitCode = code
} finally {
  await hub.stop()
}
