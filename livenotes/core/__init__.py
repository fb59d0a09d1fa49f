"""What every other room builds on: problems, project, percent files, glossary, words, files."""
