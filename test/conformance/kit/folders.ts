/** The folder every connector lives in. */
export const connectorsFolder = new URL('../../../connectors/', import.meta.url)

/** A file or folder of one connector. */
export const placeOf = (id: string, path: string): URL => new URL(`${id}/${path}`, connectorsFolder)
