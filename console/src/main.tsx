import '@fontsource-variable/inter/wght.css'
import '@fontsource/jetbrains-mono/latin-400.css'
import './theme/tokens.css'
import './theme/base.css'
import './theme/parts.css'
import './theme/shell.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { startI18n } from './i18n/index.ts'
import { startMode } from './theme/mode.ts'

const start = async (): Promise<void> => {
  startMode()
  await startI18n()
  const root = document.getElementById('root')
  if (root === null) throw new Error('The page has no root element')
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}

/** After an upgrade the parts of the old console are gone; the page is loaded anew once instead of staying blank. */
window.addEventListener('vite:preloadError', (event) => {
  const key = 'hub.reloadedAt'
  if (Date.now() - Number(sessionStorage.getItem(key) ?? '0') < 30_000) return
  event.preventDefault()
  sessionStorage.setItem(key, String(Date.now()))
  window.location.reload()
})

void start()
