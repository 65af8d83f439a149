"""Hours of bad days in minutes: faults roll over the country while everything is asked, under a limit of memory."""
