export type SourceStatus = 'queued' | 'processing' | 'ready' | 'failed';

export type FaqItem = { question: string; answer: string };

/** What the caller handed in, kept as it came, so that it can be read again. */
export type SourceContent = { type: 'text'; text: string } | { type: 'faq'; items: FaqItem[] };

export type Source = {
  id: string;
  workspaceId: string;
  botId: string;
  type: SourceContent['type'];
  title: string;
  url: string | null;
  status: SourceStatus;
  /** What was wrong, for the owner of the source. */
  error: string | null;
  /** 0 to 1. */
  progress: number;
  /** Of the revision that is found; zero until the first is ready. */
  chunkCount: number;
  /** Grows with every refresh; work for an older revision is dropped. */
  revision: number;
  createdAt: number;
  updatedAt: number;
};

/** A passage of a source as it is found and cited. */
export type Chunk = {
  /** The same for the same text of the same source, also after a refresh. */
  id: string;
  sourceId: string;
  /** From 0, in the order of the source. */
  position: number;
  /** Headings above it, outermost first. */
  headings: string[];
  text: string;
  tokens: number;
};
