/** Hands what was answered to the browser as a file; nothing of it stays here. */
export const savePerson = (answer: unknown, reference: string): void => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify(answer, null, 2)], { type: 'application/json' }))
  link.download = `person-${reference.replaceAll(/[^\w.-]/g, '_')}.json`
  link.click()
  URL.revokeObjectURL(link.href)
}
