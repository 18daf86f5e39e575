import { createServer } from 'node:net'

/** As much of a mail server (RFC 5321) as a client needs; what `refuse` says answers the recipient. */
export async function openMailServer(
  refuse: () => string | undefined,
): Promise<{ readonly port: number; readonly mails: string[]; readonly close: () => void }> {
  const mails: string[] = []
  const server = createServer((socket) => {
    let data: string | undefined
    let rest = ''
    socket.on('error', () => undefined)
    socket.write('220 mail.test ESMTP\r\n')
    socket.on('data', (chunk: Buffer) => {
      rest += chunk.toString('utf8')
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        const refusal = refuse()
        if (data !== undefined) {
          if (line === '.') {
            mails.push(data)
            data = undefined
            socket.write('250 2.0.0 queued as 42\r\n')
          } else data += `${line}\n`
        } else if (line === 'DATA') {
          data = ''
          socket.write('354 go on\r\n')
        } else if (/^RCPT/i.test(line) && refusal !== undefined) socket.write(`${refusal}\r\n`)
        else if (/^EHLO/i.test(line)) socket.write('250 mail.test\r\n')
        else if (/^STARTTLS/i.test(line)) socket.write('502 not here\r\n')
        else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
        else socket.write('250 ok\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, mails, close: () => void server.close() }
}
