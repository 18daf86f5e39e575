/** An answer made of text chunks as they come; a reader that goes away ends the source. `ended` is called once, however it ends. */
export function streamText(chunks: AsyncGenerator<string>, headers: Readonly<Record<string, string>>, ended: () => void): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await chunks.next()
        if (next.done === true) {
          ended()
          controller.close()
        } else controller.enqueue(encoder.encode(next.value))
      } catch (error) {
        ended()
        // The status line is out: an aborted transfer is the only way left to say that this is not whole.
        controller.error(error)
      }
    },
    async cancel() {
      await chunks.return(undefined).finally(ended)
    },
  })
  return new Response(body, { headers: { 'cache-control': 'no-store', 'x-accel-buffering': 'no', ...headers } })
}
