# shellcheck shell=bash
# Readings, one a line in a file of their name, and what is said of them. Times are in milliseconds.

# Notes a reading: note <name> <value>.
note() {
    printf '%s\n' "$2" >> "$measured/$1"
}

noted() {
    [ -s "$measured/$1" ]
}

# Milliseconds with three decimals between two values of $EPOCHREALTIME: elapsed <began> <ended>.
elapsed() {
    local micros=$((${2//[.,]/} - ${1//[.,]/}))
    printf '%d.%03d' $((micros / 1000)) $((micros % 1000))
}

# The value that so many percent of a reading's values do not exceed (the nearest rank): percentile <name> <percent>.
percentile() {
    sort -g "$measured/$1" | awk -v percent="$2" '
        { value[NR] = $1 }
        END { rank = int(NR * percent / 100); if (rank < NR * percent / 100) rank++; print value[rank < 1 ? 1 : rank] }'
}

# Of an even number of values the mean of the two in the middle.
median() {
    sort -g "$measured/$1" | awk '
        { value[NR] = $1 }
        END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'
}

count_of() {
    wc -l < "$measured/$1"
}

# How the median of one reading compares with another's: ratio <name> <other>.
ratio() {
    awk -v a="$(median "$1")" -v b="$(median "$2")" 'BEGIN { printf "%.2f", a / b }'
}

# For people: "265 ms (258 to 281)", the median and the quartiles around it.
spread() {
    printf '%s ms (%s to %s)' "$(rounded "$(median "$1")")" "$(rounded "$(percentile "$1" 25)")" \
        "$(rounded "$(percentile "$1" 75)")"
}

# Three digits are as many as such readings bear.
rounded() {
    awk -v x="$1" 'BEGIN { printf (x < 10 ? "%.1f" : "%.0f"), x }'
}
