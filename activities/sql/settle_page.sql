SELECT probity.settle_page()
