import { useSyncExternalStore } from 'react'
import type { Mode } from './theme.ts'

const key = 'hub.theme'
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

/** Whether parts may move; the system's wish. */
export const motionWanted = (): boolean => !window.matchMedia('(prefers-reduced-motion: reduce)').matches

/** The mode the person chose, else the one the system asks for. */
const currentMode = (): Mode => {
  const chosen = localStorage.getItem(key)
  if (chosen === 'light' || chosen === 'dark') return chosen
  return dark.matches ? 'dark' : 'light'
}

const apply = (): void => {
  document.documentElement.dataset['theme'] = currentMode()
  for (const listener of listeners) listener()
}

/** Paints the page in the current mode and follows the system while the person has not chosen. Call once, before rendering. */
export const startMode = (): void => {
  dark.addEventListener('change', apply)
  apply()
}

/** Remembers a choice on this device. */
export const chooseMode = (mode: Mode): void => {
  localStorage.setItem(key, mode)
  apply()
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useMode = (): Mode => useSyncExternalStore(subscribe, currentMode)
