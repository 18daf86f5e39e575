import { Problem } from './problem.ts'
import { readBytes } from './read-body.ts'

export interface Upload {
  readonly file: { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The other parts, as text. */
  readonly fields: ReadonlyMap<string, string>
}

/** Reads one uploaded file (part `file`) with its fields, at most `limit` bytes in all. */
export async function readUpload(request: Request, limit: number): Promise<Upload> {
  const type = request.headers.get('content-type') ?? ''
  if (!type.toLowerCase().startsWith('multipart/form-data'))
    throw new Problem(415, 'media-type-unsupported', 'Send multipart/form-data with a part named file.')
  const form = await parse(await readBytes(request, limit), type)
  const file = form.get('file')
  if (!(file instanceof File)) throw new Problem(400, 'file-missing', 'There is no part named file.')
  const fields = new Map<string, string>()
  for (const [name, value] of form) if (typeof value === 'string') fields.set(name, value)
  return { file: { name: safeFileName(file.name), bytes: new Uint8Array(await file.arrayBuffer()) }, fields }
}

async function parse(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { 'content-type': type } }).formData()
  } catch (cause) {
    throw new Problem(400, 'form-malformed', 'The form cannot be read.', { cause })
  }
}

/** The last part of whatever path was sent, without control characters and what file systems or shells take amiss. */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const clean = last
    .normalize('NFC')
    .replaceAll(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*]/g, '')
    .replace(/^\.+/, '')
    .trim()
  return clean === '' ? 'file' : clean.slice(-120)
}
