interface SettingChange {
  /** Names and positions on the way, joined by dots. */
  readonly path: string
  readonly from: string
  readonly to: string
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null
const shown = (value: unknown): string => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value))

/** Values in which two settings differ, place by place; what only one of them has is shown whole. */
export const settingChanges = (before: unknown, after: unknown, path = ''): readonly SettingChange[] => {
  if (isTree(before) && isTree(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap((name) => settingChanges(before[name], after[name], path === '' ? name : `${path}.${name}`))
  }
  return shown(before) === shown(after) ? [] : [{ path, from: shown(before), to: shown(after) }]
}
