import type { ReactElement } from 'react'

/** Outline drawings of one weight on a 16 px grid. */
const outlines = {
  brand: (
    <>
      <circle cx="3.5" cy="4" r="1.7" />
      <circle cx="12.5" cy="12" r="1.7" />
      <path d="M5.2 4H9a2 2 0 0 1 2 2v.5a2 2 0 0 1-2 2H7a2 2 0 0 0-2 2V10a2 2 0 0 0 2 2h3.8" />
    </>
  ),
  board: <path d="M2 13.5h12M4 13.5V8M8 13.5V3M12 13.5V6" />,
  orders: <path d="M3 2.5h10v11l-2-1.3-1.6 1.3L8 12.2l-1.4 1.3L5 12.2l-2 1.3zM5.5 6h5M5.5 9h5" />,
  inbox: <path d="M2 9l2-6h8l2 6v4H2zM2 9h3.6a2.4 2.4 0 0 0 4.8 0H14" />,
  box: <path d="M8 1.8l5.6 3v6.4L8 14.2l-5.6-3V4.8zM2.5 4.9L8 7.8l5.5-2.9M8 7.8v6.2" />,
  send: <path d="M14 2L7.2 8.8M14 2l-4.4 12-2.4-5.2L2 6.4z" />,
  plug: <path d="M5.5 1.8v3.4M10.5 1.8v3.4M3.5 5.2h9v2.6a4.5 4.5 0 0 1-9 0zM8 12.3v2" />,
  gear: (
    <>
      <circle cx="8" cy="8" r="2.2" />
      <path d="M8 1.6v2M8 12.4v2M1.6 8h2M12.4 8h2M3.5 3.5l1.4 1.4M11.1 11.1l1.4 1.4M3.5 12.5l1.4-1.4M11.1 4.9l1.4-1.4" />
    </>
  ),
  tag: (
    <>
      <path d="M2 2.5h5.5L14 9l-5 5-6.5-6.5z" />
      <circle cx="5.4" cy="5.4" r=".9" />
    </>
  ),
  file: <path d="M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M5.5 8h5M5.5 10.8h5" />,
  key: (
    <>
      <circle cx="5" cy="11" r="2.8" />
      <path d="M7 9l6-6M10.6 5.4l2 2M12.2 3.8l1 1" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.6" />
      <path d="M10.5 10.5L14 14" />
    </>
  ),
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M4 8h8" />,
  close: <path d="M4 4l8 8M12 4l-8 8" />,
  check: <path d="M3.5 8.4l3 3 6-6.6" strokeWidth="1.8" />,
  left: <path d="M10 4L6 8l4 4" />,
  right: <path d="M6 4l4 4-4 4" />,
  down: <path d="M4 6l4 4 4-4" />,
  arrow: <path d="M3 8h10M9 4l4 4-4 4" />,
  merge: <path d="M2 3.5h3.5L8 8l2.5 4.5H14M2 12.5h3.5L8 8h6M12 6l2 2-2 2" />,
  up: <path d="M8 13V3M4 7l4-4 4 4" />,
  download: <path d="M8 2v8M4.8 7L8 10.2 11.2 7M2.5 13.5h11" />,
  upload: <path d="M8 10.2V2M4.8 5.2L8 2l3.2 3.2M2.5 13.5h11" />,
  replay: <path d="M2.5 8a5.5 5.5 0 1 1 1.7 4M2.5 13v-3h3" />,
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5" />
    </>
  ),
  open: <path d="M9.5 2.5h4v4M13.5 2.5L8 8M11.5 9.5v4h-9v-9h4" />,
  truck: (
    <>
      <path d="M1.5 3.5h8v8h-8zM9.5 6.5h3l2 2.5v2.5h-5" />
      <circle cx="4.5" cy="12" r="1.4" fill="var(--surface)" />
      <circle cx="11.5" cy="12" r="1.4" fill="var(--surface)" />
    </>
  ),
  eye: (
    <>
      <path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z" />
      <circle cx="8" cy="8" r="2" />
    </>
  ),
  columns: (
    <>
      <rect x="2" y="2.5" width="12" height="11" rx="1.5" />
      <path d="M6 2.5v11M10 2.5v11" />
    </>
  ),
  more: (
    <>
      <circle cx="3.5" cy="8" r=".9" fill="currentColor" />
      <circle cx="8" cy="8" r=".9" fill="currentColor" />
      <circle cx="12.5" cy="8" r=".9" fill="currentColor" />
    </>
  ),
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.4v1.6M8 13v1.6M1.4 8H3M13 8h1.6M3.3 3.3l1.2 1.2M11.5 11.5l1.2 1.2M3.3 12.7l1.2-1.2M11.5 4.5l1.2-1.2" />
    </>
  ),
  moon: <path d="M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z" />,
  exit: <path d="M6.5 2.5h-4v11h4M6.5 8h7M10.5 5l3 3-3 3" />,
  people: (
    <>
      <circle cx="6" cy="5.4" r="2.4" />
      <path d="M1.8 13.4a4.2 4.2 0 0 1 8.4 0M10.6 3.2a2.4 2.4 0 0 1 0 4.4M11.8 9.6a4.2 4.2 0 0 1 2.4 3.8" />
    </>
  ),
} as const

/** Drawings that mean a state. Filled: wants a look or is settled. Outline: calm. */
const states = {
  ok: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M5 8.2l2.1 2.1L11.2 6" stroke="var(--surface)" strokeWidth="1.6" />
    </>
  ),
  progress: (
    <>
      <circle cx="8" cy="8" r="6" opacity=".28" strokeWidth="2" />
      <path d="M8 2a6 6 0 0 1 6 6" strokeWidth="2" />
    </>
  ),
  waiting: <circle cx="8" cy="8" r="6" strokeDasharray="2 2.1" />,
  held: (
    <>
      <rect x="1.5" y="1.5" width="13" height="13" rx="3.5" fill="currentColor" stroke="none" />
      <path d="M6.2 5.2v5.6M9.8 5.2v5.6" stroke="var(--surface)" strokeWidth="1.7" />
    </>
  ),
  late: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M8 4.6V8l2.3 1.6" />
    </>
  ),
  attention: (
    <>
      <path d="M8 1.6l6.6 11.9a.6.6 0 0 1-.5.9H1.9a.6.6 0 0 1-.5-.9z" fill="currentColor" stroke="none" />
      <path d="M8 6v3.4M8 11.7v.2" stroke="var(--surface)" strokeWidth="1.6" />
    </>
  ),
  failed: (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" fill="currentColor" stroke="none" />
      <path d="M8 4.4v4.2M8 11.3v.2" stroke="var(--surface)" strokeWidth="1.7" />
    </>
  ),
  doubt: (
    <>
      <path d="M8 .6L15.4 8 8 15.4.6 8z" fill="currentColor" stroke="none" />
      <path d="M6.3 6.4a1.7 1.7 0 1 1 2.6 1.5c-.6.3-.9.6-.9 1.2M8 11.2v.1" stroke="var(--surface)" strokeWidth="1.4" />
    </>
  ),
  drift: <path d="M3 6h10M3 10h10M10.5 3l-5 10" strokeWidth="1.7" />,
  paused: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M6.4 5.8v4.4M9.6 5.8v4.4" />
    </>
  ),
  cancelled: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M3.8 3.8l8.4 8.4" />
    </>
  ),
  readonly: (
    <>
      <rect x="3" y="7" width="10" height="7" rx="1.5" />
      <path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2" />
    </>
  ),
  armed: (
    <>
      <rect x="1.8" y="1.8" width="12.4" height="12.4" rx="3" />
      <path d="M5.6 10.4l4.6-4.6M6.4 5.6h4v4" />
    </>
  ),
  stopped: (
    <>
      <path d="M5.1 1.5h5.8l3.6 3.6v5.8l-3.6 3.6H5.1L1.5 10.9V5.1z" />
      <path d="M5.6 8h4.8" strokeWidth="1.8" />
    </>
  ),
} as const

const drawings = { ...outlines, ...states }

export type IconName = keyof typeof drawings
export type StateIconName = keyof typeof states

interface IconProps {
  readonly name: IconName
  readonly tone?: string | undefined
  readonly small?: boolean
}

/** Decoration beside a word; screen readers skip it. */
export const Icon = ({ name, tone, small = false }: IconProps): ReactElement => (
  <svg
    className={`i${small ? ' s' : ''}${tone === undefined ? '' : ` ${tone}`}`}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.4"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    {drawings[name]}
  </svg>
)
