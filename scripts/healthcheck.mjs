// Ends with 0 when a URL answers 2xx within four seconds: the containers' health check, without curl in the image.
const [url = 'http://127.0.0.1:8080/readyz'] = process.argv.slice(2)
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(4_000) })
  process.exit(answer.ok ? 0 : 1)
} catch {
  process.exit(1)
}
