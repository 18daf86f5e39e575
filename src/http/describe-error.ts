/** Class, code and our own frames: messages of foreign errors may quote personal data. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error }
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((frame) => /^\s+at /.test(frame))
    .slice(0, 8)
    .map((frame) => frame.trim())
  return {
    kind: error.name,
    code: 'code' in error ? String(error.code) : undefined,
    frames,
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  }
}
