import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useRef } from 'react'
import type { ReactElement } from 'react'
import { importSupply } from '../../api/stock-plan.ts'
import { useWords } from '../../i18n/use-words.ts'
import { useRowProblem } from '../../ui/row-problem.ts'
import { Icon } from '../../ui/icon.tsx'
import { tell } from '../../ui/undo.tsx'

/** Reads a file that says how items are bought; rows it cannot take are named. */
export const ImportSupply = (): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const read = useMutation({
    mutationFn: importSupply,
    onSuccess: async (found) => {
      await queries.invalidateQueries()
      tell(t('plan.imported', { set: found.set, unchanged: found.unchanged }))
    },
  })
  const refused = read.data?.refused ?? []
  const [first] = refused
  const problemOf = useRowProblem()
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.xlsx,.tsv,.txt"
        aria-label={t('plan.import')}
        onChange={(event) => {
          const file = event.target.files?.[0]
          if (file !== undefined) read.mutate(file)
          event.target.value = ''
        }}
      />
      {(first !== undefined || read.isError) && (
        <span className="bad s12" role="alert" title={refused.map(problemOf).join('\n')}>
          {read.error?.message ?? (first === undefined ? '' : t('plan.refusedRows', { count: refused.length, first: problemOf(first) }))}
        </span>
      )}
      <Button size="small" icon={<Icon name="upload" />} loading={read.isPending} title={t('plan.importHint')} onClick={() => input.current?.click()}>
        {t('plan.import')}
      </Button>
    </>
  )
}
