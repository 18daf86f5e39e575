/** One channel as `GET /v1/channels` lists it, as far as a setting's own type is concerned. */
export interface ChannelForm {
  readonly id: string
  readonly config_schema: { readonly properties?: Readonly<Record<string, unknown>> }
}

/**
 * A setting typed on the command line. Where its channel says that it is a text it stays one, also when it looks like a number: ids of shops do.
 * Of others "true", "12" and {"a":1} become what they mean.
 */
export function settingValue(text: string, name: string, form: ChannelForm | undefined): unknown {
  const own: unknown = form?.config_schema.properties?.[name]
  return Reflect.get(Object(own), 'type') === 'string' ? text : meant(text)
}

export function meant(text: string): unknown {
  if (!/^(true|false|\d{1,9}|[[{].*)$/s.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
