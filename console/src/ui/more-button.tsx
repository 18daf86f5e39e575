import { Button } from 'antd'
import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.ts'

interface MoreButtonProps {
  readonly query: { readonly hasNextPage: boolean; readonly isFetchingNextPage: boolean; readonly fetchNextPage: () => unknown }
}

/** The next page of a table, where there is one. */
export const MoreButton = ({ query }: MoreButtonProps): ReactElement | null => {
  const { t } = useWords()
  if (!query.hasNextPage) return null
  return (
    <div className="card-foot">
      <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t('common.loadMore')}
      </Button>
    </div>
  )
}
