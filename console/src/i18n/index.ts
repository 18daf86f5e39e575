import i18next from 'i18next'
import type { i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { Language } from '../format/time.ts'

const key = 'hub.language'
const texts = { 'zh-CN': () => import('./zh-CN/index.ts'), en: () => import('./en/index.ts') } as const

/** The language the person chose on this device, else the browser's. */
const preferredLanguage = (): Language => {
  const chosen = localStorage.getItem(key)
  if (chosen === 'zh-CN' || chosen === 'en') return chosen
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

export const asLanguage = (text: string): Language => (text.startsWith('zh') ? 'zh-CN' : 'en')

const load = async (language: Language): Promise<void> => {
  if (i18next.hasResourceBundle(language, 'translation')) return
  const module = await texts[language]()
  i18next.addResourceBundle(language, 'translation', module.default)
}

const markPage = (language: Language): void => {
  document.documentElement.lang = language
}

/** Loads only the language in use; the other one is fetched when it is chosen. */
export const startI18n = async (): Promise<i18n> => {
  const language = preferredLanguage()
  await i18next
    .use(initReactI18next)
    .init({ lng: language, resources: {}, fallbackLng: false, interpolation: { escapeValue: false }, returnNull: false })
  await load(language)
  markPage(language)
  return i18next
}

/** Switches the whole console and remembers it on this device. */
export const chooseLanguage = async (language: Language): Promise<void> => {
  localStorage.setItem(key, language)
  await load(language)
  await i18next.changeLanguage(language)
  markPage(language)
}
