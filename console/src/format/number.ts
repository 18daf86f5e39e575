/** Shown where a figure is unknown. Zero is "0"; the two are never swapped. */
export const unknown = '—'

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** Groups the integer part of a decimal string and sets a true minus sign. No float is involved. */
export const formatDecimal = (text: string): string => {
  const match = /^([-+]?)(\d+)(\.\d+)?$/.exec(text.trim())
  if (match === null) return text
  const [, sign = '', whole = '', fraction = ''] = match
  return `${sign === '-' ? '−' : ''}${grouped(whole)}${fraction}`
}

/** A count or quantity; decimal strings keep their digits, without trailing zeros after the point. */
export const formatCount = (value: number | string | null | undefined): string => {
  if (value === null || value === undefined) return unknown
  const text = typeof value === 'number' ? String(value) : value
  return formatDecimal(text.includes('.') ? text.replace(/\.?0+$/, '') : text)
}

/** A difference with its sign, "+3" or "−3". */
export const formatDelta = (value: number): string => (value > 0 ? `+${formatCount(value)}` : formatCount(value))

/** A share in whole percent; anything above zero shows at least 1, anything below one at most 99. */
export const formatPercent = (part: number, whole: number): string => {
  if (whole <= 0) return unknown
  const percent = Math.round((part / whole) * 100)
  if (part > 0 && percent === 0) return '1%'
  return `${part < whole ? Math.min(percent, 99) : percent}%`
}

/** Cuts the middle of a long id; for columns that do not identify the row. */
export const cutMiddle = (id: string, keep = 4): string => (id.length <= keep * 2 + 3 ? id : `${id.slice(0, keep)}…${id.slice(-keep)}`)
