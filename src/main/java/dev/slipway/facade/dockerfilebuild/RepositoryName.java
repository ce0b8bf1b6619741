package dev.slipway.facade.dockerfilebuild;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/** The last part of a repository's name, made of whatever a file is called. */
final class RepositoryName {
    /** What is left when a name has no letter and no digit that a repository may have. */
    private static final String DEFAULT = "dockerfile";

    private static final int MAX_LENGTH = 100;
    /** As the distribution specification has it: letters and digits, between them one of these separators. */
    private static final Pattern SEPARATOR = Pattern.compile("[.]|__?|-+");

    private static final Pattern BETWEEN = Pattern.compile("[^a-z0-9]+");
    private static final Pattern AROUND = Pattern.compile("^[^a-z0-9]+|[^a-z0-9]+$");

    private RepositoryName() {}

    /** In lower case, accents dropped, and a dash for everything that may not be there. */
    static String of(String file) {
        String plain = Normalizer.normalize(file, Normalizer.Form.NFKD)
                .replaceAll("\\p{M}+", "")
                .toLowerCase(Locale.ROOT);
        String name = bare(BETWEEN.matcher(bare(plain))
                .replaceAll(found -> SEPARATOR.matcher(found.group()).matches() ? found.group() : "-"));
        String cut = name.length() > MAX_LENGTH ? bare(name.substring(0, MAX_LENGTH)) : name;
        return cut.isEmpty() ? DEFAULT : cut;
    }

    private static String bare(String name) {
        return AROUND.matcher(name).replaceAll("");
    }
}
