import { z } from 'zod'

/** JSON Schema draft-07 of a connector's settings for a form: labels in two languages move to `x-title`, hints to `x-help`. */
export function formSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      move(jsonSchema, 'title', 'x-title')
      move(jsonSchema, 'help', 'x-help')
      move(jsonSchema, 'description', 'x-help')
    },
  })
  return rest
}

/** Only objects ({en, zh}) are moved: plain texts are valid where they stand. */
function move(schema: Record<string, unknown>, from: string, to: string): void {
  const value = schema[from]
  if (typeof value !== 'object' || value === null) return
  delete schema[from]
  schema[to] = value
}
