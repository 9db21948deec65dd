import type { DocumentParser } from '../core/knowledge/document-parser.ts';
import { createDocumentParser } from '../document/create-document-parser.ts';
import type { Environment } from './environment.ts';

/** What reads documents, in processes that are started when the first one comes. */
export const createDocuments = ({ logger }: Pick<Environment, 'logger'>): DocumentParser =>
  createDocumentParser({
    onIsolation(isolation) {
      if (isolation === 'namespace') logger.debug('documents are read in a process without a network');
      else {
        logger.warn(
          'documents are read in a process that is kept from the network by Node alone: this system lets no user make a network namespace (unshare -rn)',
        );
      }
    },
  });
